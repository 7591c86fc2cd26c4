import { ptraceRegisterSet, ptraceSignalInfo } from '../../linux/ptrace.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import type { NoteToWrite } from '../elf/write-notes.ts';
import { NT_PRSTATUS } from '../read-notes.ts';
import {
  generalBytes,
  type LiveArchitecture,
  liveArchitecture,
  liveArchitectureOf,
  readRegister,
  writeRegister,
} from './call-registers.ts';
import type { HeldThread } from './hold-process.ts';
import { restartCall } from './restart-call.ts';
import { targetOfOtherKind } from './target-error.ts';
import { threadActivity } from './thread-activity.ts';

/** A held thread's registers. */
export interface ThreadRegisters {
  thread: HeldThread;
  live: LiveArchitecture;
  /** As NT_PRSTATUS has them. */
  general: Buffer;
  /** The other sets. */
  sets: NoteToWrite[];
  /** siginfo_t of the signal that it is about to take; null also for a thread of 32 bits, which has another form. */
  signal: Buffer | null;
}

/** More than any processor's. */
const MAX_GENERAL_BYTES = 512;

/**
 * Reads a held thread's registers, and undoes what the stop has done to its system call (restart-call.ts).
 *
 * @param options `wantsAll`: also the sets that a backtrace does not need. `bits` of the process's words, for a thread
 *   that cannot be asked.
 * @returns Null where it has gone meanwhile, or executes something although it was not stopped.
 * @throws {TargetError} E_TARGET_MACHINE
 */
export function readRegisters(
  pid: number,
  thread: HeldThread,
  options: { wantsAll: boolean; bits: 32 | 64 },
): ThreadRegisters | null {
  const { tid, stop } = thread;
  if (stop.kind === 'none') return registersOfCall(pid, thread, liveArchitectureOf(options.bits));
  try {
    const general = ptraceRegisterSet(tid, NT_PRSTATUS, MAX_GENERAL_BYTES);
    const live = liveArchitecture(general.length);
    if (live === null) throw targetOfOtherKind(pid, general.length);
    if (stop.kind === 'interrupt') restartCall(tid, general, live);
    const isWide = live.architecture.elfClass.bits === 64;
    return {
      thread,
      live,
      general,
      sets: setsOf(tid, live, options.wantsAll),
      signal: stop.kind === 'signal' && isWide ? optional(() => ptraceSignalInfo(tid)) : null,
    };
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return null; // Killed meanwhile: nothing holds a thread against SIGKILL.
    throw error;
  }
}

function setsOf(tid: number, { sets }: LiveArchitecture, wantsAll: boolean): NoteToWrite[] {
  const notes: NoteToWrite[] = [];
  for (const { type, name, maxBytes, isNeeded } of sets) {
    const value = wantsAll || isNeeded ? optional(() => ptraceRegisterSet(tid, type, maxBytes)) : null;
    if (value !== null) notes.push({ type, name, value });
  }
  return notes;
}

/** Of a thread that sleeps in the kernel the kernel tells where, and with what: proc_pid_syscall(5). */
function registersOfCall(pid: number, thread: HeldThread, live: LiveArchitecture): ThreadRegisters | null {
  const { systemCall, registers } = threadActivity(pid, thread.tid);
  if (registers === null) return null;
  const { architecture } = live;
  const general = Buffer.alloc(generalBytes(architecture));
  const set = (name: string, value = 0n) => writeRegister(general, { name, value }, architecture);
  const [sp, pc] = registers.slice(-2);
  set(architecture.sp, sp);
  set(architecture.pc, pc);
  set(live.number, BigInt(systemCall ?? -1));
  if (systemCall !== null) for (const [index, name] of live.arguments.entries()) set(name, registers[index]);
  return { thread, live, general, sets: [], signal: null };
}

/** Number of the system call that a thread is in, null where it is in none; and whether it was waiting in it. */
export function systemCallIn({ general, live }: ThreadRegisters): {
  systemCall: number | null;
  isWaiting: boolean;
} {
  const number = readRegister(general, live.number, live.architecture);
  const result = readRegister(general, live.result, live.architecture);
  // EINTR, and the kernel's own ERESTARTSYS to ERESTART_RESTARTBLOCK: include/linux/errno.h.
  const isWaiting = result === -4n || (result <= -512n && result >= -516n);
  return number < 0n ? { systemCall: null, isWaiting: false } : { systemCall: Number(number), isWaiting };
}

function optional(read: () => Buffer): Buffer | null {
  try {
    return read();
  } catch (error) {
    // A processor without this set, a stop without siginfo.
    if (hasErrno(error, 'EINVAL', 'ENODEV', 'EIO')) return null;
    throw error;
  }
}
