import { checked, libc } from './libc.ts';
import { hasErrno } from './system-call-error.ts';

const flockCall = libc.func('int flock(int fd, int operation)');

/** sys/file.h */
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Takes the lock of an open file, or says at once that somebody else has it: flock(2). It is let go with the last
 * descriptor of that open file, so also when the holder is killed.
 *
 * @returns Whether this process has it now.
 */
export function tryLock(fd: number): boolean {
  try {
    checked('flock', `${fd} LOCK_EX`, () => flockCall(fd, LOCK_EX | LOCK_NB));
    return true;
  } catch (error) {
    if (hasErrno(error, 'EAGAIN', 'EWOULDBLOCK')) return false;
    throw error;
  }
}
