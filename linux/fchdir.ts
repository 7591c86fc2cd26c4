import { checked, libc } from './libc.ts';

const fchdirCall = libc.func('int fchdir(int fd)');

/**
 * Makes an open directory, also one opened with O_PATH, the working directory of this process, all its threads: fchdir(2).
 *
 * @throws {SystemCallError} EACCES, ENOTDIR.
 */
export function fchdir(fd: number): void {
  checked('fchdir', `${fd}`, () => fchdirCall(fd));
}
