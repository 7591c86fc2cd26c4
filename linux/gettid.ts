import { checked, libc } from './libc.ts';

const gettidCall = libc.func('int gettid()');

/** The kernel's id of the calling thread: gettid(2). Priorities are per thread on Linux, whatever POSIX says. */
export function gettid(): number {
  return checked('gettid', 'this thread', () => gettidCall());
}
