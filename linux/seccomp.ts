import koffi from 'koffi';
import { checked, libc } from './libc.ts';

const syscall = libc.func('long syscall(long number, uint operation, uint flags, const void *program)');

/** asm/unistd_64.h, asm-generic/unistd.h; linux/seccomp.h */
const SECCOMP = process.arch === 'x64' ? 317 : 277;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;

/**
 * Filters the system calls of all threads of this process, and of what they start, for good: seccomp(2). They get no_new_privs from
 * the thread that calls, which must have it.
 *
 * @param filter An array of struct sock_filter.
 * @throws {SystemCallError} EINVAL where the kernel does not know such filters, EACCES without no_new_privs; {Error} where a thread has
 *   a filter that this one has not.
 */
export function filterSystemCalls(filter: Buffer): void {
  const program = Buffer.alloc(16); // struct sock_fprog
  program.writeUInt16LE(filter.length / 8, 0);
  program.writeBigUInt64LE(koffi.address(filter), 8);
  const outsider = checked('seccomp', `${filter.length / 8} instructions`, () =>
    Number(syscall(SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program)),
  );
  if (outsider !== 0) throw new Error(`Thread ${outsider} has a filter of its own`);
}
