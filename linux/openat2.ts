import { checked, libc } from './libc.ts';

const syscall = libc.func(
  'long syscall(long number, int directory, const void *path, const void *how, size_t size)',
);

/** asm-generic/unistd.h; the same number on every architecture. */
const OPENAT2 = 437;
/** struct open_how and its RESOLVE_ flags: linux/openat2.h. */
const HOW_BYTES = 24;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_IN_ROOT = 0x10;
/** asm-generic/fcntl.h. */
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;

/**
 * Finds a file below a directory, as if that were the root directory: absolute symlinks and `..` lead nowhere else.
 * openat2(2), RESOLVE_IN_ROOT (Linux 5.6).
 *
 * What is there is not opened: a device may do something when it is (a tape rewinds, a watchdog starts).
 *
 * @param root An open directory.
 * @param path Absolute or relative, any bytes but NUL.
 * @returns A descriptor that stands for it (O_PATH), as openPath() gives one.
 * @throws {SystemCallError} ENOENT, EACCES, ELOOP; ENOSYS before Linux 5.6.
 */
export function findInRoot(root: number, path: Buffer): number {
  const how = Buffer.alloc(HOW_BYTES);
  how.writeBigUInt64LE(BigInt(O_PATH | O_CLOEXEC), 0);
  how.writeBigUInt64LE(BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16);
  const name = Buffer.concat([path, Buffer.alloc(1)]);
  return checked('openat2', path.toString(), () => Number(syscall(OPENAT2, root, name, how, HOW_BYTES)));
}
