import { closeSync, constants, fchmodSync, fchownSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** __O_TMPFILE | O_DIRECTORY (asm-generic/fcntl.h): Node has no constant for it. */
const O_TMPFILE = 0o20200000;
const FLAGS = O_TMPFILE | constants.O_RDWR;

/** Who may read a file once it has a name. */
export interface Ownership {
  /** Numeric group, or null for that of this process. */
  group: number | null;
  mode: number;
}

/**
 * A file without a name, which vanishes with its last descriptor unless name-file.ts gives it one: open(2), O_TMPFILE.
 *
 * @param directory On the file system that it is to live on.
 * @throws Node's error: EOPNOTSUPP where the file system has no such files, ENOSPC, EROFS.
 */
export function openUnnamedSync(directory: string, { mode, group }: Ownership): number {
  const fd = openSync(directory, FLAGS, mode);
  try {
    // The mode given to open is cut by the umask.
    fchmodSync(fd, mode);
    if (group !== null) fchownSync(fd, 0, group);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** {@link openUnnamedSync} for a daemon: off the event loop. */
export async function openUnnamed(directory: string, { mode, group }: Ownership): Promise<FileHandle> {
  const file = await open(directory, FLAGS, mode);
  try {
    await file.chmod(mode);
    if (group !== null) await file.chown(0, group);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
