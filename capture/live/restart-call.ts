import { ptracePokeUser } from '../../linux/ptrace.ts';

/** In struct user_regs_struct (sys/user.h), bytes: results, the system call's number, arguments 2 to 5. */
const RAX = 80;
const RDX = 96;
const ORIG_RAX = 120;
const R10 = 56;

const EINTR = -4n;
/** The kernel's own word for `start the call again, unless a handler ran`: include/linux/errno.h. */
const ERESTARTNOHAND = -514n;

/** Whether a call with these registers waits without a time limit. */
type IsEndless = (registers: Buffer) => boolean;

const always: IsEndless = () => true;
const isNull =
  (offset: number): IsEndless =>
  (registers) =>
    registers.readBigUInt64LE(offset) === 0n;
const isNegative =
  (offset: number): IsEndless =>
  (registers) =>
    registers.readInt32LE(offset) < 0;

/**
 * System calls of x86-64 that the kernel ends with EINTR whenever something interrupts them, also where no handler runs:
 * signal(7), "Interruption of system calls and library functions by stop signals".
 */
const INTERRUPTED: ReadonlyMap<bigint, IsEndless> = new Map([
  [65n, always], // semop
  [128n, isNull(RDX)], // rt_sigtimedwait
  [220n, isNull(R10)], // semtimedop
  [232n, isNegative(R10)], // epoll_wait
  [281n, isNegative(R10)], // epoll_pwait
  [441n, isNull(R10)], // epoll_pwait2
]);

/**
 * Makes the kernel start a system call again that our interruption has ended with EINTR, so that the program sees nothing
 * of it. A call with a time limit is left alone: it would wait for all of it a second time. Where a signal with a handler
 * comes before the thread goes on, the kernel turns this into EINTR by itself (arch/x86/kernel/signal.c,
 * handle_signal()), as if we had not been there.
 *
 * All other calls need no help: read, futex, poll, nanosleep and so on are started again by the kernel.
 *
 * @param registers struct user_regs_struct of a thread that we stopped, and nothing else did.
 */
export function restartCall(tid: number, registers: Buffer): void {
  if (registers.readBigInt64LE(RAX) !== EINTR) return;
  const isEndless = INTERRUPTED.get(registers.readBigInt64LE(ORIG_RAX));
  if (isEndless?.(registers) === true) ptracePokeUser(tid, RAX, BigInt.asUintN(64, ERESTARTNOHAND));
}
