import { captureCrash } from '../capture.ts';
import type { Captured } from '../captured.ts';
import { statusNumbers } from '../proc/status-value.ts';
import { type BeforeStop, ownThreadId, readBeforeStop } from './before-stop.ts';
import { ProcessHold, type ThreadStop } from './hold-process.ts';
import { liveHead } from './live-head.ts';
import { heldMappings } from './mappings.ts';
import { readRegisters, systemCallIn, type ThreadRegisters } from './read-registers.ts';
import { targetGone } from './target-error.ts';
import type { ThreadActivity } from './thread-activity.ts';

/** A live process to look at; ids of our own pid namespace. */
export interface LiveTarget {
  pid: number;
  /** The thread that comes first; one that has not ended. */
  tid: number;
  /** Size of the small core at most. */
  budgetBytes: number;
}

/** What a thread was at, and how it was stopped. */
export interface HeldActivity extends Omit<ThreadActivity, 'registers'> {
  stop: ThreadStop;
}

/** What a live process was found at. */
export interface LiveCapture {
  captured: Captured;
  /** By the threads' ids in `captured`, which are those of their own pid namespace. */
  activities: Map<number, HeldActivity>;
  /** Of the process and its first thread, as they are in their own pid namespace. */
  namespacePid: number;
  namespaceTid: number;
  /** Real ids: credentials(7). */
  uid: number;
  gid: number;
  /** When it was stopped, in milliseconds since the epoch, and for how long. */
  stoppedAtMs: number;
  stoppedMs: number;
}

/**
 * Threads of which floating-point and vector registers are read: those of more have no place in a small core
 * (shrink-notes.ts), and take 10 µs each while the process waits.
 */
const MAX_ALL_REGISTERS = 512;

/**
 * Takes the small core and the snapshot of a live process, and lets it go on. Everything that can be read before the stop
 * is; what is left is little more than what captureCrash() does with a dead process.
 *
 * Must run in a thread that ends soon after: with it ends whatever hold is left (hold-process.ts).
 *
 * @param stopping Called right before the stop.
 * @throws {SystemCallError} EPERM where it may not be traced or is traced already, ESRCH where it is gone; Node's errors;
 *   {TargetError} E_TARGET_MACHINE.
 */
export function captureLive(target: LiveTarget, stopping: () => void = () => undefined): LiveCapture {
  const { pid, tid } = target;
  const before = readBeforeStop(pid, tid);
  stopping();
  const startedMs = performance.now();
  const hold = ProcessHold.take(pid);
  let held: HeldCapture;
  try {
    held = captureHeld(hold, target, before);
  } finally {
    hold.release();
  }
  const stoppedMs = performance.now() - startedMs;
  const { snapshot } = held.captured;
  snapshot.status = before.status;
  snapshot.kernelStack = held.activities.get(held.ids.tid)?.kernelStack ?? null;
  if (snapshot.kernelStack === null)
    snapshot.failures.set('kernelStack', 'may not be read, or the thread is new');
  return {
    captured: held.captured,
    activities: held.activities,
    namespacePid: held.ids.pid,
    namespaceTid: held.ids.tid,
    uid: statusNumbers(before.status, 'Uid')?.[0] ?? 0,
    gid: statusNumbers(before.status, 'Gid')?.[0] ?? 0,
    stoppedAtMs: performance.timeOrigin + startedMs,
    stoppedMs,
  };
}

interface HeldCapture {
  captured: Captured;
  activities: Map<number, HeldActivity>;
  /** In the process's own pid namespace. */
  ids: { pid: number; tid: number };
}

function captureHeld(hold: ProcessHold, target: LiveTarget, before: BeforeStop): HeldCapture {
  const { pid, budgetBytes } = target;
  const { threads, warnings } = readThreads(hold, target, before.bits);
  const [first] = threads;
  if (first === undefined) throw targetGone(pid);
  const isElsewhere = (statusNumbers(before.status, 'NSpid')?.length ?? 1) > 1;
  const ownId = (id: number) => (isElsewhere ? ownThreadId(id) : id);
  const owned = threads.map((registers) => ({ ...registers, ownTid: ownId(registers.thread.tid) }));
  const shown = first.thread.tid;
  const ids = { pid: ownId(pid), tid: ownId(shown) };
  const head = liveHead(
    owned,
    { pid, ownPid: ids.pid, mappings: heldMappings(shown, before.mappings) },
    before,
  );
  head.warnings.push(...warnings);
  const captured = captureCrash({ pid, tid: shown, pidfd: null, uid: null, head, budgetBytes });
  return { captured, ids, activities: new Map(owned.map((one) => [one.ownTid, activityOf(one, before)])) };
}

/** The registers of all threads that have some, the wanted one first. */
function readThreads(hold: ProcessHold, { pid, tid }: LiveTarget, bits: 32 | 64) {
  const held = hold.threads;
  const ordered = [
    ...held.filter((thread) => thread.tid === tid),
    ...held.filter((thread) => thread.tid !== tid),
  ];
  const threads: ThreadRegisters[] = [];
  const warnings: string[] = [];
  for (const [index, thread] of ordered.entries()) {
    const registers = readRegisters(pid, thread, { wantsAll: index < MAX_ALL_REGISTERS, bits });
    if (registers !== null) threads.push(registers);
    if (thread.stop.kind !== 'none') continue;
    warnings.push(
      registers === null
        ? `thread ${thread.tid} did not stop: it is left out`
        : `thread ${thread.tid} sleeps in the kernel and cannot be stopped: of its registers only those of its system call are known, the others show as 0`,
    );
  }
  if (!hold.isWhole) warnings.push('threads came faster than they were stopped: the last ones are left out');
  if (ordered.length > MAX_ALL_REGISTERS) {
    warnings.push(`vector registers were read of the first ${MAX_ALL_REGISTERS} threads only`);
  }
  return { threads, warnings };
}

/** What it was at before the stop, where its registers agree that it is still at it. */
function activityOf(registers: ThreadRegisters, { activities }: BeforeStop): HeldActivity {
  const { tid, stop } = registers.thread;
  const { systemCall, isWaiting } = systemCallIn(registers);
  const before = activities.get(tid);
  if (before !== undefined && (stop.kind === 'none' || before.systemCall === systemCall)) {
    const { state, waitChannel, kernelStack } = before;
    return { state, systemCall, waitChannel, kernelStack, stop };
  }
  return { state: isWaiting ? 'S' : 'R', systemCall, waitChannel: null, kernelStack: null, stop };
}
