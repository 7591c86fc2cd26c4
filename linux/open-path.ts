import { openSync } from 'node:fs';

/** asm-generic/fcntl.h: Node has no constant for it. */
const O_PATH = 0o10000000;

/**
 * Opens a file or directory as a place only: its file system is asked for no more than the way to it, no right to it is needed,
 * and it is no end of a pipe. open(2), O_PATH.
 *
 * @param path Also a link of /proc/PID that stands for another file: `exe`, `map_files/...`, which need root.
 * @param flags Of open(2), besides: O_NOFOLLOW, with which a symlink is opened itself.
 * @throws Node's error: ENOENT, EACCES, EPERM.
 */
export function openPath(path: string | Buffer, flags = 0): number {
  return openSync(path, O_PATH | flags);
}
