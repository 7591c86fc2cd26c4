import { readSync } from 'node:fs';
import { hasErrno } from '../linux/system-call-error.ts';

/** Bytes of a core, one after the other. */
export interface CoreSource {
  /** The next `length` bytes; fewer only at the end. */
  read(length: number): Buffer;
}

/** What one read of a pipe can bring at most; also the piece in which large reads are made. */
const PIECE_BYTES = 1024 * 1024;

/** A core in a pipe or file, read from its present position on. A blocking descriptor is waited for. */
export function fdSource(fd: number): CoreSource {
  return {
    read(length) {
      const pieces: Buffer[] = [];
      // A size that a hostile header claims is believed one piece at a time.
      for (let left = length; left > 0; ) {
        const piece = Buffer.allocUnsafe(Math.min(left, PIECE_BYTES));
        let filled = 0;
        while (filled < piece.length) {
          const received = readSome(fd, piece, filled);
          if (received === 0) break;
          filled += received;
        }
        pieces.push(filled === piece.length ? piece : piece.subarray(0, filled));
        if (filled < piece.length) break;
        left -= filled;
      }
      const [only = Buffer.alloc(0)] = pieces;
      return pieces.length <= 1 ? only : Buffer.concat(pieces);
    },
  };
}

/** A core that is in memory. */
export function bytesSource(bytes: Buffer): CoreSource {
  let at = 0;
  return {
    read(length) {
      const piece = bytes.subarray(at, at + length);
      at += piece.length;
      return piece;
    },
  };
}

function readSome(fd: number, into: Buffer, from: number): number {
  for (;;) {
    try {
      return readSync(fd, into, from, into.length - from, null);
    } catch (error) {
      if (!hasErrno(error, 'EINTR', 'EAGAIN')) throw error;
    }
  }
}
