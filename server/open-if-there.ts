import { type FileHandle, open } from 'node:fs/promises';
import { hasErrno } from '../linux/system-call-error.ts';

/**
 * @returns The file, open for reading; null where there is none by that name.
 * @throws Node's error where it cannot be opened for another reason.
 */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
