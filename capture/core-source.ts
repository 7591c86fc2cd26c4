import { readSync } from 'node:fs';

/** Bytes that come one after the other, like a core's from the kernel. */
export interface CoreSource {
  /** @returns `length` bytes; fewer only where the source ends. The caller owns them. */
  read(length: number): Buffer;
}

/** For how long a descriptor that is non-blocking and empty is asked again. The kernel's own pipe blocks. */
const MAX_WAIT_MS = 10_000;

/**
 * Reads a pipe, socket or file from where it stands. A read error ends the source like an end of file: what came until
 * then is what there is.
 */
export function fdSource(fd: number): CoreSource {
  return {
    read(length) {
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const count = readSome(fd, bytes, filled);
        if (count === 0) break;
        filled += count;
      }
      return filled === length ? bytes : bytes.subarray(0, filled);
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

function readSome(fd: number, bytes: Buffer, at: number): number {
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS; ) {
    try {
      return readSync(fd, bytes, at, bytes.length - at, null);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'EINTR') continue;
      // Any other error ends the source, see above.
      if (code !== 'EAGAIN') return 0;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      waitedMs += 1;
    }
  }
  return 0;
}
