import {
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { chown, copyFile, open, rename, rm } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { linkDescriptor, linkDescriptorSync } from './linkat.ts';
import { hasErrno, SystemCallError } from './system-call-error.ts';

/** What a copy is called until it is whole. */
export const COPY_PREFIX = '.copying-';

/**
 * Gives an open file a name: a link where the file system can (linkat.ts), else a copy, which has its name when it is whole and
 * on the disk. It never replaces.
 *
 * @param fd Of an unnamed file, or of one anywhere.
 * @param path The name to give.
 * @throws {SystemCallError} EEXIST, ENOSPC, ...; Node's error where it is a copy.
 */
export function nameFileSync(fd: number, path: string): void {
  try {
    linkDescriptorSync(fd, path);
  } catch (error) {
    if (!isForCopy(error)) throw error;
    const { own, temporary } = copyOf(fd, path);
    try {
      rmSync(temporary, { force: true });
      copyFileSync(own, temporary, constants.COPYFILE_EXCL);
      const { uid, gid } = fstatSync(fd);
      chownSync(temporary, uid, gid);
      const copy = openSync(temporary, 'r+');
      try {
        fdatasyncSync(copy);
      } finally {
        closeSync(copy);
      }
      assertFree(path);
      renameSync(temporary, path);
    } catch (failure) {
      rmSync(temporary, { force: true });
      throw failure;
    }
  }
}

/** {@link nameFileSync} for a daemon: off the event loop. */
export async function nameFile(fd: number, path: string): Promise<void> {
  try {
    await linkDescriptor(fd, path);
  } catch (error) {
    if (!isForCopy(error)) throw error;
    const { own, temporary } = copyOf(fd, path);
    try {
      await rm(temporary, { force: true });
      await copyFile(own, temporary, constants.COPYFILE_EXCL);
      const { uid, gid } = fstatSync(fd);
      await chown(temporary, uid, gid);
      const copy = await open(temporary, 'r+');
      try {
        await copy.datasync();
      } finally {
        await copy.close();
      }
      assertFree(path);
      await rename(temporary, path);
    } catch (failure) {
      await rm(temporary, { force: true });
      throw failure;
    }
  }
}

/** It lies elsewhere (in memory), or the file system has no hard links: linkat(2). */
function isForCopy(error: unknown): boolean {
  return hasErrno(error, 'EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK');
}

function copyOf(fd: number, path: string): { own: string; temporary: string } {
  return {
    own: `/proc/self/fd/${fd}`,
    temporary: join(dirname(path), `${COPY_PREFIX}${basename(path)}`),
  };
}

function assertFree(path: string): void {
  if (existsSync(path)) throw new SystemCallError('rename', osConstants.errno.EEXIST, path);
}
