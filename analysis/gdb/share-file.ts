import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { mayRead } from '../may-read.ts';

/** Largest file that is copied for gdb's eyes; a browser with its debug information is larger. */
export const MAX_COPY_BYTES = 512 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/**
 * A descriptor that another user may reopen by /proc/self/fd: the kernel checks the file's permissions again then,
 * so of a file that this user may not read a copy in memory is made.
 *
 * @param user Who reopens it: ourselves may have it from somebody who may more.
 * @returns `fd` itself, or a new descriptor, which the caller closes; null where the file is too large to copy.
 */
export function shareFile(fd: number, user: { uid: number; gid: number }): number | null {
  const stats = fstatSync(fd);
  if (mayRead(stats, user)) return fd;
  return stats.size > MAX_COPY_BYTES ? null : copy(fd, stats.size);
}

function copy(fd: number, size: number): number {
  const target = memfdCreate('usercrash-module');
  try {
    const chunk = Buffer.alloc(Math.min(size, CHUNK_BYTES));
    for (let at = 0; at < size; ) {
      const bytes = readSync(fd, chunk, 0, chunk.length, at);
      if (bytes === 0) break;
      for (let written = 0; written < bytes; ) written += writeSync(target, chunk, written, bytes - written);
      at += bytes;
    }
    return target;
  } catch (error) {
    closeSync(target);
    throw error;
  }
}
