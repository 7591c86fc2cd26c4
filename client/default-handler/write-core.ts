import { writeSync } from 'node:fs';
import type { CorePiece } from './core-pieces.ts';
import type { CoreStream } from './core-stream.ts';

/** What the kernel writes at a time, or leaves out. */
const PAGE_BYTES = 4096;
const CHUNK_BYTES = 1024 * 1024;
const ZEROES = Buffer.alloc(PAGE_BYTES);

/**
 * Writes a core into an empty file as the kernel does (fs/coredump.c, dump_emit() and dump_skip()): pages that hold nothing
 * become holes, which do not count for the limit; what does not fit any more ends it, and is not begun.
 *
 * Not quite the same: of a page of zeros the stream does not tell whether the process ever touched it. It is a hole here.
 *
 * @param file Open for writing.
 * @param pieces Of the core's beginning, from corePieces().
 * @param limit RLIMIT_CORE in bytes.
 * @throws Node's error where the file takes no more: ENOSPC, EDQUOT, EFBIG. What was written stays, as with the kernel.
 */
export function writeCore(
  file: number,
  stream: CoreStream,
  { pieces, limit }: { pieces: readonly CorePiece[]; limit: bigint },
): void {
  const output = new Output(file, limit);
  for (const { bytes, padding } of pieces) {
    const piece = Buffer.allocUnsafe(bytes + padding);
    const count = stream.read(piece);
    if (!output.emit(piece.subarray(0, Math.min(bytes, count))) || count < bytes) return;
    // Nothing but zeros, if it is the kernel that writes.
    if (!output.emitPages(piece.subarray(bytes, count))) return;
  }
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  // Up to the first page, so that all that follow are whole ones.
  let wanted = (PAGE_BYTES - (output.at % PAGE_BYTES)) % PAGE_BYTES || CHUNK_BYTES;
  for (;;) {
    const count = stream.read(chunk.subarray(0, wanted));
    if (count > 0 && !output.emitPages(chunk.subarray(0, count))) return;
    if (count < wanted) break;
    wanted = CHUNK_BYTES;
  }
  output.end();
}

/** The file, where it is, and what may still be written. */
class Output {
  readonly #file: number;
  #left: bigint;
  #at = 0;
  #isHole = false;

  constructor(file: number, limit: bigint) {
    this.#file = file;
    this.#left = limit;
  }

  get at(): number {
    return this.#at;
  }

  /** Writes all of it, or nothing and returns false. */
  emit(bytes: Buffer): boolean {
    if (BigInt(bytes.length) > this.#left) return false;
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#at + done);
    }
    this.#left -= BigInt(bytes.length);
    this.#at += bytes.length;
    this.#isHole = false;
    return true;
  }

  /** Leaves a hole. */
  #skip(bytes: number): void {
    this.#at += bytes;
    this.#isHole = true;
  }

  /** Writes the pages that are not all zero, those that lie together in one go. */
  emitPages(bytes: Buffer): boolean {
    for (let from = 0; from < bytes.length; ) {
      let to = from;
      while (to < bytes.length && !isZero(bytes, to)) to = Math.min(to + PAGE_BYTES, bytes.length);
      if (to > from) {
        const fits = Number(minimum(BigInt(to - from), this.#left));
        // The last may be shorter than a page, and is written whole or not at all as well.
        const whole = fits === to - from ? fits : fits - (fits % PAGE_BYTES);
        if (!this.emit(bytes.subarray(from, from + whole)) || whole < to - from) return false;
      } else {
        to = Math.min(from + PAGE_BYTES, bytes.length);
        this.#skip(to - from);
      }
      from = to;
    }
    return true;
  }

  /** The kernel writes the last byte of a hole that is at the end, so that the file has its full size. */
  end(): void {
    if (!this.#isHole) return;
    this.#at -= 1;
    this.emit(ZEROES.subarray(0, 1));
  }
}

function isZero(bytes: Buffer, at: number): boolean {
  const end = Math.min(at + PAGE_BYTES, bytes.length);
  return bytes.compare(ZEROES, 0, end - at, at, end) === 0;
}

function minimum(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
