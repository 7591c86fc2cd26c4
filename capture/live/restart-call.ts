import { ptracePokeUser } from '../../linux/ptrace.ts';
import { type LiveArchitecture, readRegister } from './call-registers.ts';

/** In struct user_regs_struct of sys/user.h, also for a thread of 32 bits. */
const RAX_OFFSET = 80;

const EINTR = -4n;
/** The kernel's own word for `start the call again, unless a handler ran`: include/linux/errno.h. */
const ERESTARTNOHAND = -514n;

/** A system call that the kernel ends with EINTR whenever something interrupts it. */
interface InterruptedCall {
  /** By bits of a word: x86-64's number and those of i386, asm/unistd_64.h and unistd_32.h. */
  64: readonly bigint[];
  32: readonly bigint[];
  /** What the first argument must be: ipc(2) is many calls in one. */
  operation?: bigint;
  /** The argument that limits how long it waits: none, a pointer that may be null, or milliseconds that may be negative. */
  limit: { argument: number; kind: 'pointer' | 'milliseconds' } | null;
}

/**
 * Those that also end where no handler runs: signal(7), "Interruption of system calls and library functions by stop
 * signals".
 */
const INTERRUPTED: readonly InterruptedCall[] = [
  { 64: [65n], 32: [], limit: null }, // semop
  { 64: [220n], 32: [420n], limit: { argument: 3, kind: 'pointer' } }, // semtimedop
  { 64: [], 32: [117n], operation: 1n, limit: null }, // ipc, SEMOP
  { 64: [], 32: [117n], operation: 4n, limit: { argument: 5, kind: 'pointer' } }, // ipc, SEMTIMEDOP
  { 64: [128n], 32: [177n, 421n], limit: { argument: 2, kind: 'pointer' } }, // rt_sigtimedwait
  { 64: [232n], 32: [256n], limit: { argument: 3, kind: 'milliseconds' } }, // epoll_wait
  { 64: [281n], 32: [319n], limit: { argument: 3, kind: 'milliseconds' } }, // epoll_pwait
  { 64: [441n], 32: [441n], limit: { argument: 3, kind: 'pointer' } }, // epoll_pwait2
];

/**
 * Makes the kernel start a system call again that our interruption has ended with EINTR, so that the program sees nothing
 * of it. A call with a time limit is left alone: it would wait for all of it a second time. Where a signal with a handler
 * comes before the thread goes on, the kernel turns this into EINTR by itself (arch/x86/kernel/signal.c,
 * handle_signal()), as if we had not been there.
 *
 * All other calls need no help: read, futex, poll, nanosleep and so on are started again by the kernel.
 *
 * @param general The registers of a thread that we stopped, and nothing else did.
 */
export function restartCall(tid: number, general: Buffer, live: LiveArchitecture): void {
  const { architecture } = live;
  if (readRegister(general, live.result, architecture) !== EINTR) return;
  const number = readRegister(general, live.number, architecture);
  const operation = readRegister(general, live.arguments[0] ?? '', architecture);
  const call = INTERRUPTED.find(
    (candidate) =>
      candidate[architecture.elfClass.bits].includes(number) &&
      (candidate.operation === undefined || candidate.operation === operation),
  );
  if (call === undefined || !isEndless(call, general, live)) return;
  ptracePokeUser(tid, RAX_OFFSET, BigInt.asUintN(64, ERESTARTNOHAND));
}

function isEndless({ limit }: InterruptedCall, general: Buffer, live: LiveArchitecture): boolean {
  if (limit === null) return true;
  const value = readRegister(general, live.arguments[limit.argument] ?? '', live.architecture);
  // The milliseconds are an int: the upper half of the register is not looked at.
  return limit.kind === 'pointer' ? value === 0n : BigInt.asIntN(32, value) < 0n;
}
