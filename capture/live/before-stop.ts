import { readdirSync } from 'node:fs';
import { statusNumbers } from '../proc/status-value.ts';
import { readProcFile } from '../read-proc-file.ts';
import { type KnownMappings, readMappings } from './mappings.ts';
import { type ThreadActivity, threadActivity } from './thread-activity.ts';

/** What is read of a live process before it is stopped. */
export interface BeforeStop {
  /** /proc/PID/status: once it is stopped it says `t (tracing stop)`. */
  status: Buffer;
  cmdline: Buffer;
  auxv: Buffer;
  /** Of its words. */
  bits: 32 | 64;
  mappings: KnownMappings;
  /** By the thread's id in our pid namespace. */
  activities: ReadonlyMap<number, ThreadActivity>;
}

const MAX_BYTES = 64 * 1024;
/** Threads that are looked at, some 40 µs each: more than a report tells of (MAX_TOLD_THREADS). */
const MAX_ACTIVITIES = 4096;

/**
 * Reads what does not need a stopped process, or needs one that is not.
 *
 * @param tid A thread that has not ended: a main thread that has is without memory.
 * @throws Node's error: ENOENT, ESRCH, EACCES.
 */
export function readBeforeStop(pid: number, tid: number): BeforeStop {
  const file = (path: string) => readProcFile(`/proc/${path}`, MAX_BYTES).bytes;
  const auxv = file(`${tid}/auxv`);
  const before = {
    status: file(`${pid}/status`),
    cmdline: file(`${tid}/cmdline`),
    auxv,
    bits: wordBitsOf(auxv),
    mappings: readMappings(tid),
  };
  const tids = readdirSync(`/proc/${pid}/task`).map(Number);
  const first = [tid, ...tids.filter((other) => other !== tid)].slice(0, MAX_ACTIVITIES);
  return { ...before, activities: new Map(first.map((id) => [id, threadActivity(pid, id)])) };
}

/** The first word of an auxiliary vector is a type, a small number (getauxval(3)); with 32 bits its value stands behind. */
function wordBitsOf(auxv: Buffer): 32 | 64 {
  return auxv.length >= 8 && auxv.readUInt32LE(4) !== 0 ? 32 : 64;
}

/**
 * A thread's id in its own pid namespace: the last number of NSpid (proc_pid_status(5)). It differs from ours for a process
 * in a container.
 */
export function ownThreadId(tid: number): number {
  const { bytes } = readProcFile(`/proc/${tid}/status`, MAX_BYTES);
  return statusNumbers(bytes, 'NSpid')?.at(-1) ?? tid;
}
