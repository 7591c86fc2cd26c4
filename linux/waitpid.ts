import { checked, libc } from './libc.ts';

const waitpidCall = libc.func('int waitpid(int pid, void *status, int options)');

/** Waits until a child of ours, which Node knows nothing of, has ended: waitpid(2). ECHILD where it is none. */
export function waitForEnd(pid: number): void {
  checked('waitpid', `${pid}`, () => waitpidCall(pid, null, 0));
}
