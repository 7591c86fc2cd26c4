import { checked, libc } from './libc.ts';

const syscall = libc.func('long syscall(long number, int which, int who, int priority)');

/** arch/x86/entry/syscalls/syscall_64.tbl, and asm-generic/unistd.h for all others. */
const IOPRIO_SET = process.arch === 'x64' ? 251 : 30;
/** linux/ioprio.h */
const IOPRIO_WHO_PROCESS = 1;
const IOPRIO_CLASS_IDLE = 3;
const IOPRIO_CLASS_SHIFT = 13;

/**
 * Lets the calling thread, and what it starts from now on, use the disk only when nobody else does: ioprio_set(2). Where the disk's
 * scheduler has no priorities it changes nothing.
 *
 * @throws {SystemCallError} EPERM where a policy forbids it.
 */
export function setIdleIo(): void {
  const idle = IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT;
  checked('ioprio_set', 'idle', () => Number(syscall(IOPRIO_SET, IOPRIO_WHO_PROCESS, 0, idle)));
}
