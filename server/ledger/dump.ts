import type { CrashEvent } from '../../protocol/codec.ts';
import { crashIdOf } from '../../protocol/crash-id.ts';
import { eventOfCrashId, UNKNOWN_UID } from '../history-line.ts';
import type { DyingProcess } from './dying-process.ts';

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

/** Whether the kernel cannot have started a program, or waited for anybody, before this process was at its end. */
export function endedAtOnce({ process, atMs, lookedAtMs, end }: Dump): boolean {
  if (process?.isDumping === true || end?.isDumped === true) return false;
  // One that is large takes long to bury, but its memory goes first.
  const buriedMs = process !== null && !process.hasMemory ? lookedAtMs : Number.POSITIVE_INFINITY;
  return Math.min(buriedMs, end?.atMs ?? Number.POSITIVE_INFINITY) - atMs < NO_DUMP_MS;
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
    signal: end?.signal ?? 0,
    comm: process?.comm ?? Buffer.from(comm ?? ''),
    executable: process?.executable ?? Buffer.alloc(0),
  };
}
