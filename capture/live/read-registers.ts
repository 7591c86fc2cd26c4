import { ptraceRegisterSet, ptraceSignalInfo } from '../../linux/ptrace.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import type { HeldThread } from './hold-process.ts';
import { NT_FPREGSET, NT_PRSTATUS, NT_X86_XSTATE } from './live-notes.ts';
import { restartCall } from './restart-call.ts';
import { targetOfOtherMachine } from './target-error.ts';
import { threadActivity } from './thread-activity.ts';

/** A held thread's registers. */
export interface ThreadRegisters {
  thread: HeldThread;
  /** struct user_regs_struct of x86-64. */
  general: Buffer;
  /** Null where the thread is not stopped, or the caller did not ask. */
  floatingPoint: Buffer | null;
  extended: Buffer | null;
  /** siginfo_t of the signal that it is about to take. */
  signal: Buffer | null;
}

/** sizeof(struct user_regs_struct) of x86-64; a 32-bit thread has 68 bytes. */
const GENERAL_BYTES = 216;
/** struct user_fpregs_struct */
const FLOATING_POINT_BYTES = 512;
/** 2.7 KB with AVX-512, 11 KB with AMX. */
const MAX_EXTENDED_BYTES = 16 * 1024;

/** Places in struct user_regs_struct, bytes: sys/user.h. */
const OFFSETS = { r10: 56, r9: 64, r8: 72, rdx: 96, rsi: 104, rdi: 112, origRax: 120, rip: 128, rsp: 152 };
/** The order of arguments of a system call: syscall(2). */
const ARGUMENTS = [OFFSETS.rdi, OFFSETS.rsi, OFFSETS.rdx, OFFSETS.r10, OFFSETS.r8, OFFSETS.r9];

/**
 * Reads a held thread's registers, and undoes what the stop has done to its system call (restart-call.ts).
 *
 * @param wantsAll Also the floating-point and vector registers.
 * @returns Null where it has gone meanwhile, or executes something although it was not stopped.
 * @throws {TargetError} E_TARGET_MACHINE
 */
export function readRegisters(pid: number, thread: HeldThread, wantsAll: boolean): ThreadRegisters | null {
  const { tid, stop } = thread;
  if (stop.kind === 'none') return registersOfCall(pid, thread);
  try {
    const general = ptraceRegisterSet(tid, NT_PRSTATUS, GENERAL_BYTES);
    if (general.length !== GENERAL_BYTES) throw targetOfOtherMachine(pid);
    if (stop.kind === 'interrupt') restartCall(tid, general);
    return {
      thread,
      general,
      floatingPoint: wantsAll
        ? optional(() => ptraceRegisterSet(tid, NT_FPREGSET, FLOATING_POINT_BYTES))
        : null,
      extended: wantsAll ? optional(() => ptraceRegisterSet(tid, NT_X86_XSTATE, MAX_EXTENDED_BYTES)) : null,
      signal: stop.kind === 'signal' ? optional(() => ptraceSignalInfo(tid)) : null,
    };
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return null; // Killed meanwhile: nothing holds a thread against SIGKILL.
    throw error;
  }
}

/** Of a thread that sleeps in the kernel the kernel tells where, and with what: proc_pid_syscall(5). */
function registersOfCall(pid: number, thread: HeldThread): ThreadRegisters | null {
  const { systemCall, registers } = threadActivity(pid, thread.tid);
  if (registers === null) return null;
  const general = Buffer.alloc(GENERAL_BYTES);
  const set = (offset: number, value: bigint | undefined) => general.writeBigUInt64LE(value ?? 0n, offset);
  const [sp, pc] = registers.slice(-2);
  set(OFFSETS.rsp, sp);
  set(OFFSETS.rip, pc);
  set(OFFSETS.origRax, BigInt.asUintN(64, BigInt(systemCall ?? -1)));
  if (systemCall !== null) for (const [index, offset] of ARGUMENTS.entries()) set(offset, registers[index]);
  return { thread, general, floatingPoint: null, extended: null, signal: null };
}

/** Number of the system call that a thread is in, null where it is in none; and whether it was waiting in it. */
export function systemCallIn(general: Buffer): { systemCall: number | null; isWaiting: boolean } {
  const number = general.readBigInt64LE(OFFSETS.origRax);
  const result = general.readBigInt64LE(RAX_OFFSET);
  // EINTR, and the kernel's own ERESTARTSYS to ERESTART_RESTARTBLOCK: include/linux/errno.h.
  const isWaiting = result === -4n || (result <= -512n && result >= -516n);
  return number < 0n ? { systemCall: null, isWaiting: false } : { systemCall: Number(number), isWaiting };
}

const RAX_OFFSET = 80;

function optional(read: () => Buffer): Buffer | null {
  try {
    return read();
  } catch (error) {
    // A processor without this set, a stop without siginfo.
    if (hasErrno(error, 'EINVAL', 'ENODEV', 'EIO')) return null;
    throw error;
  }
}
