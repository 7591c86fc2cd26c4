import { openSync } from 'node:fs';

/** asm-generic/fcntl.h: Node has no constant for it. */
const O_PATH = 0o10000000;

/**
 * Opens a file or directory as a place only: nothing is read, no right to it is needed, and it is no end of a pipe. open(2), O_PATH.
 *
 * @throws Node's error: ENOENT, EACCES.
 */
export function openPath(path: string): number {
  return openSync(path, O_PATH);
}
