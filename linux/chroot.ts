import { checked, libc } from './libc.ts';

const chrootCall = libc.func('int chroot(const char *path)');

/**
 * Makes the working directory the root of this process, all its threads: chroot(2). Descriptors stay as they are, so that a
 * directory that was opened before leads back out.
 *
 * @throws {SystemCallError} EPERM without CAP_SYS_CHROOT, EACCES.
 */
export function chrootHere(): void {
  checked('chroot', '.', () => chrootCall('.'));
}
