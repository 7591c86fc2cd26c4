import { libc } from './libc.ts';

const exitCall = libc.func('void _exit(int status)');

/**
 * Ends this process at once, whatever its other threads are in: _exit(2). Node's own exit waits for its threads, and one
 * that is blocked in a system call would never let it go. Nothing is flushed.
 */
export function exitNow(exitCode: number): never {
  exitCall(exitCode);
  throw new Error('_exit returned');
}
