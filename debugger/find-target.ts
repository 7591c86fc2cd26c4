import { readdirSync, readFileSync } from 'node:fs';
import { TargetError, targetGone } from '../capture/live/target-error.ts';
import { threadState } from '../capture/live/thread-activity.ts';
import { parseStat } from '../capture/proc/parse-stat.ts';
import { statusNumbers, statusValue } from '../capture/proc/status-value.ts';
import { printable } from '../report/printable-text.ts';

/** A process that can be looked at; ids of our own pid namespace. */
export interface FoundTarget {
  pid: number;
  /** The thread to show first. */
  tid: number;
}

/** PID_MAX_LIMIT of include/linux/threads.h is the first that no process can have, whatever pid_max says. */
export const MAX_PID = 2 ** 22 - 1;
/** PF_KTHREAD in field 9 of /proc/PID/stat: include/linux/sched.h. */
const PF_KTHREAD = 0x0020_0000;
/** Of the fields behind comm, counted from the state. */
const FLAGS_FIELD = 6;

/**
 * Finds the process to look at.
 *
 * @param id Of a process, or of one of its threads, which is then shown first.
 * @param self Our own pid.
 * @throws {TargetError} With the reason why not, and the next step to try.
 */
export function findTarget(id: number, self: number): FoundTarget {
  if (id < 1 || id > MAX_PID) {
    // Without the number: of a long one the last digits are lost.
    throw new TargetError('E_TARGET_GONE', `No process has that id: they go from 1 to ${MAX_PID}`, {
      fix: 'pgrep -a NAME',
    });
  }
  const status = statusOf(id);
  const pid = statusNumbers(status, 'Tgid')?.[0] ?? id;
  if (pid === self) {
    throw new TargetError('E_TARGET_SELF', `Process ${id} is this debugger`, { fix: 'name another process' });
  }
  if (pid === 1) {
    throw new TargetError(
      'E_TARGET_INIT',
      'Process 1 is not stopped, because the whole machine depends on it',
      {
        fix: 'look at it without stopping it: cat /proc/1/status /proc/1/stack; a container: by its pid outside',
      },
    );
  }
  if (isKernelThread(id)) {
    throw new TargetError(
      'E_TARGET_KERNEL',
      `${id} is a thread of the kernel (${nameOf(status)}), no program`,
      {
        fix: `cat /proc/${id}/stack`,
      },
    );
  }
  const tid = hasEnded(pid, id) ? livingThread(pid, status) : id;
  const tracer = statusNumbers(tid === id ? status : statusOf(tid), 'TracerPid')?.[0] ?? 0;
  if (tracer !== 0) {
    throw new TargetError(
      'E_TARGET_TRACED',
      `Process ${pid} is traced already, by process ${tracer} (${nameOf(statusOf(tracer))})`,
      { fix: `end that one first: a process can have one tracer at a time` },
    );
  }
  return { pid, tid };
}

/** Why the kernel does not let us trace a process that {@link findTarget} has found. */
export function forbidden({ pid }: FoundTarget, isRoot: boolean): TargetError {
  const status = statusOf(pid);
  const uid = statusNumbers(status, 'Uid')?.[0] ?? '?';
  return new TargetError(
    'E_TARGET_FORBIDDEN',
    `Process ${pid} (${nameOf(status)}, uid ${uid}) may not be traced${isRoot ? ', not even by root' : ' without root'}`,
    {
      fix: isRoot
        ? 'in a container: run it on the host, or with CAP_SYS_PTRACE; else see /proc/sys/kernel/yama/ptrace_scope'
        : `sudo debugger ${pid}`,
    },
  );
}

/** It is there, but not what {@link findTarget} has found: a thread that ended, or an execve(2), which ends all but one. */
export function changed({ pid, tid }: FoundTarget): TargetError {
  return new TargetError('E_TARGET_GONE', `Thread ${tid} of process ${pid} has just ended`, {
    fix: `debugger ${pid}`,
  });
}

function statusOf(id: number): Buffer {
  try {
    return readFileSync(`/proc/${id}/status`);
  } catch {
    throw targetGone(id);
  }
}

/** Escaped: a process chooses its own name. */
function nameOf(status: Buffer): string {
  return printable(Buffer.from(statusValue(status, 'Name') ?? '?', 'latin1').toString());
}

function isKernelThread(id: number): boolean {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'latin1');
    const flags = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[FLAGS_FIELD];
    return (Number(flags) & PF_KTHREAD) !== 0;
  } catch {
    throw targetGone(id);
  }
}

function hasEnded(pid: number, tid: number): boolean {
  return /^[ZX]?$/.test(threadState(pid, tid));
}

/** A main thread may have ended while others go on. */
function livingThread(pid: number, status: Buffer): number {
  let tids: number[] = [];
  try {
    tids = readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    throw targetGone(pid);
  }
  const living = tids.find((tid) => !hasEnded(pid, tid));
  if (living !== undefined) return living;
  const parent = statusNumbers(status, 'PPid')?.[0] ?? 0;
  throw new TargetError(
    'E_TARGET_ZOMBIE',
    `Process ${pid} (${nameOf(status)}) has ended and is a zombie: its parent ${parent} (${commOf(parent)}) has not asked for its exit code`,
    { fix: `debugger ${parent}` },
  );
}

function commOf(pid: number): string {
  try {
    return printable(parseStat(readFileSync(`/proc/${pid}/stat`))?.comm.toString() ?? '?');
  } catch {
    return '?';
  }
}
