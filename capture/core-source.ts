import { fstatSync, readSync } from 'node:fs';

/** Bytes that come one after the other, like a core's from the kernel. */
export interface CoreSource {
  /** @returns `length` bytes; fewer only where the source ends. The caller owns them. */
  read(length: number): Buffer;
  /** Goes to a place counted from the beginning, also backwards. A pipe has none: it is read up to there. */
  seek?(offset: number): void;
}

/** For how long, in all, a pipe that is empty is asked again. The kernel has everything at hand and writes in one go. */
const MAX_WAIT_MS = 10_000;
/** Between two times that it is asked: as long as the kernel needs to fill a pipe, then longer and longer. */
const FIRST_WAIT_MS = 0.05;
const LONGEST_WAIT_MS = 10;

/**
 * Reads a pipe, socket or file from where it stands. A read error ends the source like an end of file: what came until
 * then is what there is. So does a writer who stays silent, where the descriptor does not block.
 */
export function fdSource(fd: number): CoreSource {
  const patience = new Patience();
  return {
    read(length) {
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const count = readSome(fd, bytes.subarray(filled), patience);
        if (count === 0) break;
        filled += count;
      }
      return filled === length ? bytes : bytes.subarray(0, filled);
    },
  };
}

/** Reads a file whose content lies there whole; the descriptor's own position is not used. */
export function fileSource(fd: number): CoreSource {
  const { size } = fstatSync(fd);
  let at = 0;
  return {
    read(length) {
      // A place that lies behind the end holds nothing, also where it is no exact number any more.
      const wanted = Math.max(0, Math.min(length, size - at));
      const bytes = Buffer.allocUnsafeSlow(wanted);
      let filled = 0;
      while (filled < wanted) {
        const count = readSync(fd, bytes, filled, wanted - filled, at + filled);
        if (count === 0) break;
        filled += count;
      }
      at += filled;
      return bytes.subarray(0, filled);
    },
    seek(offset) {
      at = offset;
    },
  };
}

/** The bytes of a core that is in memory, without copying them. */
export function bytesSource(bytes: Buffer): CoreSource {
  let at = 0;
  return {
    read(length) {
      const part = bytes.subarray(at, at + length);
      at += part.length;
      return part;
    },
  };
}

function readSome(fd: number, bytes: Buffer, patience: Patience): number {
  for (;;) {
    try {
      const count = readSync(fd, bytes, 0, bytes.length, null);
      patience.rewarded();
      return count;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'EINTR') continue;
      // Any other error ends the source, see above.
      if (code !== 'EAGAIN' || !patience.wait()) return 0;
    }
  }
}

/** Waits for a writer: not for long at first, and not for ever. */
class Patience {
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  #leftMs = MAX_WAIT_MS;
  #nextMs = FIRST_WAIT_MS;

  /** Something came. */
  rewarded(): void {
    this.#nextMs = FIRST_WAIT_MS;
  }

  /** @returns False when there is none left. */
  wait(): boolean {
    if (this.#leftMs <= 0) return false;
    const begun = process.hrtime.bigint();
    Atomics.wait(this.#cell, 0, 0, this.#nextMs);
    this.#leftMs -= Number(process.hrtime.bigint() - begun) / 1e6;
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_WAIT_MS);
    return true;
  }
}
