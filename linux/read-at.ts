import { readSync } from 'node:fs';

/**
 * pread(2), where the position comes from a header that may be damaged or made up.
 *
 * @returns Bytes read into `target`; 0 also for a position that no file has, which Node would throw for.
 * @throws Node's error where the file cannot be read.
 */
export function readAt(fd: number, target: Uint8Array, position: number): number {
  const isPossible = position >= 0 && Number.isSafeInteger(position + target.length);
  return isPossible ? readSync(fd, target, 0, target.length, position) : 0;
}

/** The bytes that are there, at most `length`; see {@link readAt}. */
export function bytesAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readAt(fd, bytes, position));
}
