import { closeSync, fchmodSync, fchownSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { memfdCreate } from './memfd-create.ts';
import { hasErrno } from './system-call-error.ts';
import { type Ownership, openUnnamed, openUnnamedSync } from './unnamed-file.ts';

/**
 * A file without a name, of a few megabytes at most: unnamed-file.ts. Where the file system has no such files (FUSE, NFS) it
 * lies in memory until name-file.ts gives it a name.
 *
 * @param directory On the file system that it is to live on.
 * @throws Node's error: ENOSPC, EROFS, ENOENT.
 */
export function openUnnamedOrMemorySync(directory: string, ownership: Ownership): number {
  try {
    return openUnnamedSync(directory, ownership);
  } catch (error) {
    if (!hasErrno(error, 'ENOTSUP')) throw error;
    return inMemory(ownership);
  }
}

/** {@link openUnnamedOrMemorySync} for a daemon: off the event loop. */
export async function openUnnamedOrMemory(directory: string, ownership: Ownership): Promise<FileHandle> {
  try {
    return await openUnnamed(directory, ownership);
  } catch (error) {
    if (!hasErrno(error, 'ENOTSUP')) throw error;
    const fd = inMemory(ownership);
    try {
      return await open(`/proc/self/fd/${fd}`, 'r+');
    } finally {
      closeSync(fd);
    }
  }
}

function inMemory({ mode, group }: Ownership): number {
  const fd = memfdCreate('usercrash-report');
  fchmodSync(fd, mode);
  if (group !== null) fchownSync(fd, 0, group);
  return fd;
}
