import { checked, checkedAsync, libc } from './libc.ts';

const linkat = libc.func('int linkat(int oldDir, str oldPath, int newDir, str newPath, int flags)');

/** fcntl.h */
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;

/**
 * Gives a file that was opened with O_TMPFILE a name: linkat(2) on its /proc/self/fd entry, the form that needs no
 * capability (AT_EMPTY_PATH would need CAP_DAC_READ_SEARCH). It never replaces: an existing name is EEXIST.
 *
 * @param fd Of the unnamed file, on the same file system as `path`. Not opened with O_EXCL.
 * @param path The name to give.
 * @throws {SystemCallError} EEXIST, ENOSPC, EXDEV, ...
 */
export function linkDescriptorSync(fd: number, path: string): void {
  checked('linkat', path, () => linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
}

/** {@link linkDescriptorSync} for a daemon: the call runs off the event loop. */
export async function linkDescriptor(fd: number, path: string): Promise<void> {
  await checkedAsync('linkat', path, (done) =>
    linkat.async(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, AT_SYMLINK_FOLLOW, done),
  );
}
