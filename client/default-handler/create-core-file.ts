import { closeSync, constants, fstatSync, openSync, unlinkSync } from 'node:fs';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, S_IFMT, S_IFREG } = constants;
/** What of the mode must be as asked for: fs/coredump.c, coredump_file(). */
const MODE_MASK = 0o677;
const MODE = 0o600;

/**
 * Makes the file that the kernel would have made (fs/coredump.c, coredump_file()), with the rights that this thread has.
 *
 * @param name Absolute, or of the working directory.
 * @param options `isPrivileged`: with root's rights for somebody else's crash: what is there already stays. `uid`: whose it has to be.
 * @returns Its descriptor; it is empty.
 * @throws Node's error (ENOENT, EACCES, EEXIST, EROFS, ENOSPC), or one that says what the file system made of it.
 */
export function createCoreFile(
  name: Buffer,
  { isPrivileged, uid }: { isPrivileged: boolean; uid: number },
): number {
  if (!isPrivileged) {
    try {
      unlinkSync(name);
    } catch {
      // Not there, or not to be removed: then it cannot be made anew either, and that says why.
    }
  }
  const file = openSync(name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, MODE);
  const found = fstatSync(file);
  // File systems without owners or modes, as vfat.
  const problem =
    found.nlink !== 1 || (found.mode & S_IFMT) !== S_IFREG
      ? 'it is no plain file with one name'
      : found.uid !== uid
        ? 'cannot preserve file owner'
        : (found.mode & MODE_MASK) !== MODE
          ? 'cannot preserve file permissions'
          : null;
  if (problem === null) return file;
  closeSync(file);
  throw new Error(problem);
}
