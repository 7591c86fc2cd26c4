import type { CrashEvent } from '../../protocol/codec.ts';
import { crashIdOf } from '../../protocol/crash-id.ts';
import { eventOfCrashId, UNKNOWN_UID } from '../history-line.ts';
import { type DyingProcess, dyingProcess } from './dying-process.ts';

/**
 * A process that the kernel had a reason to dump. Moments are in milliseconds on the monotonic clock, as the kernel's own
 * are.
 *
 * `open`: nothing is known of it yet. `seen`: its crash has come. `lost`: it will not come, the history says why. `undumped`:
 * the kernel never began.
 */
export interface Dump {
  pid: number;
  tid: number;
  atMs: number;
  /** The same in microseconds since the epoch. */
  atUs: number;
  /** What /proc said of it; null where it was gone when we looked. */
  process: DyingProcess | null;
  lookedAtMs: number;
  /** Where its core went, if not to us. */
  otherPattern: string | null;
  /** When it ended; the signal is null where no event told of it. */
  end: { atMs: number; signal: number | null; isDumped: boolean } | null;
  state: 'open' | 'seen' | 'lost' | 'undumped';
  /** What the history was told of one that is lost. */
  told: CrashEvent | null;
  /** Whether the history has its crash's line: nobody needs to remember it. */
  isWritten: boolean;
}

/**
 * A process that ends sooner than this was not dumped. Measured: 0.03 to 0.15 ms where the kernel has nothing to do or
 * refuses, 0.8 ms at least for the shortest program in a pipe.
 */
const NO_DUMP_MS = 0.5;
/** Ends a dump, whatever it was of. */
const SIGKILL = 9;

/** Whether the kernel cannot have started a program, or waited for anybody, before this process was at its end. */
export function endedAtOnce({ process, atMs, lookedAtMs, end }: Dump): boolean {
  if (process?.isDumping === true || end?.isDumped === true || end?.signal === SIGKILL) return false;
  // One that is large takes long to bury, but its memory goes first.
  const buriedMs = process !== null && !process.hasMemory ? lookedAtMs : Number.POSITIVE_INFINITY;
  return Math.min(buriedMs, end?.atMs ?? Number.POSITIVE_INFINITY) - atMs < NO_DUMP_MS;
}

/** Threads of one process die at once; where no /proc tells whether it is the same one, for so long. */
const SAME_WITHIN_MS = 1_000;

/** Whether a dump that is told of is another thread's of the same process. @param atMs Its moment. */
export function isSameProcess(dump: Dump, process: DyingProcess | null, atMs: number): boolean {
  if (dump.process === null || process === null) return atMs - dump.atMs < SAME_WITHIN_MS;
  return dump.process.startTicks === process.startTicks;
}

/** When a process ended; null where it has not. Where no event tells of it for so long, /proc does. */
export function endOf(dump: Dump, nowMs: number, patienceMs: number): number | null {
  if (dump.end !== null || nowMs - dump.atMs < patienceMs) return dump.end?.atMs ?? null;
  if (isHeld(dump)) return null;
  dump.end = { atMs: nowMs, signal: null, isDumped: false };
  return nowMs;
}

/** Whether the process is there, and has not ended. */
export function isHeld({ pid, process }: Dump): boolean {
  const now = dyingProcess(pid);
  const isSame = process === null || now?.startTicks === process.startTicks;
  return now !== null && isSame && now.hasMemory;
}

/** Whether it is one of our programs, which name themselves so and are not dumped. Should another bear the name, its crash comes. */
export function isOurs({ process }: Dump): boolean {
  const isNamed = /^usercrash-(?:serve|clien)/.test(process?.comm.toString('latin1') ?? '');
  return isNamed && process?.isDumping === false;
}

/** Why nothing came of it, as far as the kernel's log has no words. */
export function reasonOf(dump: Dump): string {
  const { otherPattern, process, end, atMs } = dump;
  if (otherPattern !== null) return `core_pattern was somebody else's: ${otherPattern}`;
  if (isOurs(dump))
    return 'it is a program of ours, which the kernel does not dump: it holds memory of others';
  const heldMs = end?.signal == null ? '' : ` for ${(end.atMs - atMs).toFixed(1)} ms`;
  if (end?.signal === SIGKILL)
    return `it was killed when the kernel had it${heldMs}, and no client brought anything`;
  if (process?.isDumping === true) return `the kernel dumped it${heldMs}, and no client brought anything`;
  return `it was with the kernel${heldMs}, and no client brought anything; it may not have been dumped at all`;
}

/** What the history can be told of a dump whose crash never came. */
export function eventOfDump(
  { pid, tid, atUs, process, end }: Dump,
  { bootId, comm }: { bootId: string; comm: string | null },
): CrashEvent {
  const crashId = crashIdOf({ bootId, pid, startTicks: process?.startTicks ?? 0, atUs });
  return {
    ...eventOfCrashId(crashId),
    tid,
    uid: process?.uid ?? UNKNOWN_UID,
    gid: UNKNOWN_UID,
    signal: end === null || end.signal === SIGKILL ? 0 : (end.signal ?? 0),
    comm: process?.comm ?? Buffer.from(comm ?? ''),
    executable: process?.executable ?? Buffer.alloc(0),
  };
}
