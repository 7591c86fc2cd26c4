import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { CoreFileError } from './core-file-error.ts';

/**
 * Opens a regular file that a person named.
 *
 * @returns Its descriptor, for the caller to close.
 * @throws {CoreFileError} With the reason why it is none, in words.
 */
export function openFile(path: string): number {
  let fd: number;
  try {
    // Without waiting for whoever writes to a FIFO.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw new CoreFileError(path, reasonOf(error), { cause: error });
  }
  const kind = kindOf(fstatSync(fd));
  if (kind === null) return fd;
  closeSync(fd);
  throw new CoreFileError(path, `is ${kind}`);
}

function kindOf(stats: Stats): string | null {
  if (stats.isFile()) return stats.size === 0 ? 'empty' : null;
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe, and a core is read here and there: save it in a file first';
  return 'no regular file';
}

function reasonOf(error: unknown): string {
  if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return 'does not exist';
  if (hasErrno(error, 'EACCES', 'EPERM')) return 'may not be read';
  if (hasErrno(error, 'ENXIO')) return 'is a socket';
  return `cannot be opened: ${messageOf(error)}`;
}
