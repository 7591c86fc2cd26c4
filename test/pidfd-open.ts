import { checked, libc } from '../linux/libc.ts';

const pidfdOpenCall = libc.func('int pidfd_open(int pid, unsigned int flags)');

/** A descriptor of a process, which a test needs where the kernel would give one: pidfd_open(2). */
export function pidfdOpen(pid: number): number {
  return checked('pidfd_open', String(pid), () => pidfdOpenCall(pid, 0));
}
