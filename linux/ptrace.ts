import koffi from 'koffi';
import { checked, libc } from './libc.ts';

/**
 * ptrace(2). The kernel ties a traced thread to the thread that traces it: every call here must come from the one that
 * seized. When that thread ends, however it ends, the kernel lets go of everything that it still traced.
 */
const withNumber = libc.func('long ptrace(int request, int tid, size_t address, size_t data)');
const withMemory = libc.func('long ptrace(int request, int tid, size_t address, void *data)');

/** sys/ptrace.h */
const PTRACE_POKEUSER = 6;
const PTRACE_DETACH = 17;
const PTRACE_GETSIGINFO = 0x4202;
const PTRACE_GETREGSET = 0x4204;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;

/** sizeof(siginfo_t) */
const SIGINFO_BYTES = 128;
/** sizeof(struct iovec): address and length. */
const VECTOR_BYTES = 16;

/**
 * Begins to trace a thread without stopping it, and without a signal that could outlive us: PTRACE_SEIZE.
 *
 * @throws {SystemCallError} EPERM where it is traced already, has ended, or may not be traced; ESRCH where it is gone.
 */
export function ptraceSeize(tid: number): void {
  checked('ptrace', `PTRACE_SEIZE ${tid}`, () => withNumber(PTRACE_SEIZE, tid, 0, 0));
}

/** Makes a seized thread stop as soon as it can: PTRACE_INTERRUPT. The stop is seen by waitStopped(). */
export function ptraceInterrupt(tid: number): void {
  checked('ptrace', `PTRACE_INTERRUPT ${tid}`, () => withNumber(PTRACE_INTERRUPT, tid, 0, 0));
}

/**
 * Lets go of a stopped thread: PTRACE_DETACH.
 *
 * @param signal To deliver to it: the one that it was stopped by, or 0.
 * @throws {SystemCallError} ESRCH where it is not stopped, or gone.
 */
export function ptraceDetach(tid: number, signal: number): void {
  checked('ptrace', `PTRACE_DETACH ${tid}`, () => withNumber(PTRACE_DETACH, tid, 0, signal));
}

/**
 * A set of registers of a stopped thread as the kernel puts it into a core: PTRACE_GETREGSET.
 *
 * @param type NT_PRSTATUS (1) for the general ones, NT_FPREGSET (2), NT_X86_XSTATE (0x202).
 * @param maxBytes Longer ones are cut.
 * @throws {SystemCallError} EINVAL or ENODEV where this processor has no such set, ESRCH.
 */
export function ptraceRegisterSet(tid: number, type: number, maxBytes: number): Buffer {
  const registers = Buffer.alloc(maxBytes);
  const vector = Buffer.alloc(VECTOR_BYTES);
  vector.writeBigUInt64LE(koffi.address(registers), 0);
  vector.writeBigUInt64LE(BigInt(maxBytes), 8);
  checked('ptrace', `PTRACE_GETREGSET ${tid}`, () => withMemory(PTRACE_GETREGSET, tid, type, vector));
  return registers.subarray(0, Number(vector.readBigUInt64LE(8)));
}

/**
 * siginfo_t of the signal that a thread was stopped by: PTRACE_GETSIGINFO.
 *
 * @throws {SystemCallError} EINVAL in a group-stop, which has none; ESRCH.
 */
export function ptraceSignalInfo(tid: number): Buffer {
  const information = Buffer.alloc(SIGINFO_BYTES);
  checked('ptrace', `PTRACE_GETSIGINFO ${tid}`, () => withMemory(PTRACE_GETSIGINFO, tid, 0, information));
  return information;
}

/**
 * Sets one word of a stopped thread's registers: PTRACE_POKEUSER.
 *
 * @param offset In struct user of sys/user.h, which begins with the general registers.
 */
export function ptracePokeUser(tid: number, offset: number, value: bigint): void {
  checked('ptrace', `PTRACE_POKEUSER ${tid}`, () => withNumber(PTRACE_POKEUSER, tid, offset, value));
}
