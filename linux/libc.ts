import koffi from 'koffi';
import { SystemCallError } from './system-call-error.ts';

/**
 * The C library of this process. `null` is dlopen's name for the symbols that the running program already has,
 * so nothing is searched for or loaded, and musl works as glibc does.
 */
export const libc = koffi.load(null);

/** EINTR on Linux, every architecture that Node supports (asm-generic/errno-base.h). */
const EINTR = 4;

/** The errno of the last failed call on this thread. */
export function lastErrno(): number {
  return koffi.errno();
}

/**
 * Runs a system call until it is not interrupted by a signal.
 *
 * @param syscall Its name, e.g. `linkat`: part of the error.
 * @param subject What it was done to, e.g. a path: part of the error.
 * @param call Must return -1 and set errno on failure, as libc's wrappers do.
 * @returns What the call returned.
 * @throws {SystemCallError} If it failed.
 */
export function checked(syscall: string, subject: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result !== -1) return result;
    const errno = lastErrno();
    if (errno !== EINTR) throw new SystemCallError(syscall, errno, subject);
  }
}

/**
 * The same for a call that may block: it runs on a thread of libuv's pool, the event loop goes on.
 *
 * @param start Starts the call and hands its result to the callback (koffi's `fn.async`).
 * @returns What the call returned.
 * @throws {SystemCallError} If it failed.
 */
export function checkedAsync(
  syscall: string,
  subject: string,
  start: (done: (error: unknown, result: number) => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error) return reject(error);
      if (result !== -1) return resolve(result);
      // koffi restores the worker thread's errno for the time of this callback.
      reject(new SystemCallError(syscall, lastErrno(), subject));
    });
  });
}
