import { hasErrno } from './system-call-error.ts';

/** Whether a file could not be made or written for want of room, which may change: a full disk, no inodes, a quota. */
export function isOutOfRoom(error: unknown): boolean {
  // A file system that was remounted after an error is writable again when somebody has seen to it.
  return hasErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS');
}
