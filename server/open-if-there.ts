import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasErrno } from '../linux/system-call-error.ts';

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file of the log directory for reading. The directory may have been another user's for a time, who left a link in it, or a
 * pipe that nobody writes to: these are no files of ours.
 *
 * @returns Null where there is no regular file by that name.
 * @throws Node's error where it cannot be opened for another reason.
 */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    const file = await open(path, FLAGS);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return null;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ELOOP', 'ENXIO')) return null;
    throw error;
  }
}
