import { readMachine } from '../analysis/machine.ts';
import { recordFromCapture } from '../analysis/record-from-capture.ts';
import { systemCallName } from '../analysis/system-calls.ts';
import type { HeldActivity, LiveCapture } from '../capture/live/capture-live.ts';
import { closeModules } from '../capture/open-modules.ts';
import { parseStat } from '../capture/proc/parse-stat.ts';
import { DEFAULT_BUDGET_BYTES } from '../capture/small-core.ts';
import { VERSION } from '../config/version.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import type { Activity, Record as CrashRecord } from '../report/record.ts';
import { signalName } from '../report/signals.ts';
import { type AnalysisChoice, addAnalysis } from './add-analysis.ts';
import { changed, type FoundTarget, findTarget, forbidden } from './find-target.ts';
import { holdAndCapture } from './hold-and-capture.ts';

/** The kernel's words for the letters of a thread's state: fs/proc/array.c, task_state_array. */
const STATES: Readonly<{ [letter: string]: string }> = {
  R: 'running',
  S: 'sleeping',
  D: 'disk sleep',
  T: 'stopped',
  I: 'idle',
  P: 'parked',
};
/** Kernel stacks are 10 to 30 functions deep. */
const MAX_KERNEL_FRAMES = 64;

/**
 * Looks at a live process: stops it for some milliseconds, and analyses what was taken.
 *
 * @param id Of a process or one of its threads.
 * @param context `self` is our own pid.
 * @throws {TargetError} With the reason why it cannot be looked at.
 */
export async function liveRecord(
  id: number,
  context: { self: number; isRoot: boolean; analysis: AnalysisChoice },
): Promise<CrashRecord> {
  const target = findTarget(id, context.self);
  const live = await capture(id, target, context);
  try {
    const record = recordOf(target, live, context.analysis.startedMs);
    const { core, head, modules, mounts } = live.captured;
    await addAnalysis(record, { core: core?.bytes ?? null, head, modules, mounts }, context.analysis);
    addActivities(record, live);
    return record;
  } finally {
    closeModules(live.captured.modules);
  }
}

async function capture(
  id: number,
  target: FoundTarget,
  { self, isRoot, analysis }: { self: number; isRoot: boolean; analysis: AnalysisChoice },
): Promise<LiveCapture> {
  try {
    return await holdAndCapture({ ...target, budgetBytes: DEFAULT_BUDGET_BYTES }, analysis.interrupted);
  } catch (error) {
    if (!hasErrno(error, 'EPERM', 'EACCES', 'ESRCH', 'ENOENT')) throw error;
    // Something has changed since, or the kernel knows more: what /proc says now is clearer than an errno.
    findTarget(id, self);
    throw hasErrno(error, 'EPERM', 'EACCES') ? forbidden(target, isRoot) : changed(target);
  }
}

function recordOf({ pid, tid }: FoundTarget, live: LiveCapture, startedMs: number): CrashRecord {
  const { captured, stoppedAtMs, stoppedMs } = live;
  const machine = readMachine();
  const atUs = Math.round(stoppedAtMs * 1000);
  const stat = parseStat(captured.snapshot.stat ?? Buffer.alloc(0));
  const sinceStartMs = (ms: number) => Math.max(0, Math.round((ms - startedMs) * 1000) / 1000);
  const record = recordFromCapture({
    captured,
    event: {
      usercrash: VERSION,
      crashId: `${machine.machine.bootId}-${pid}-${stat?.startTicks ?? 0}-${atUs}`,
      atUs,
      mode: 'live',
      kind: 'live',
      pid,
      tid,
      namespacePid: live.namespacePid,
      namespaceTid: live.namespaceTid,
      uid: live.uid,
      gid: live.gid,
      dumpable: null,
      signalNumber: null,
      steps: [
        { name: 'stopped', atMs: sinceStartMs(stoppedAtMs) },
        { name: 'released', atMs: sinceStartMs(stoppedAtMs + stoppedMs) },
      ],
    },
    machine,
  });
  record.collection.stoppedMs = Math.round(stoppedMs * 1000) / 1000;
  return record;
}

function addActivities(record: CrashRecord, { activities, captured }: LiveCapture): void {
  for (const thread of record.threads ?? []) {
    const activity = activities.get(thread.tid);
    thread.activity = activity === undefined ? null : activityOf(activity, captured.head.bits);
  }
}

function activityOf(held: HeldActivity, bits: 32 | 64): Activity {
  const { state, systemCall, waitChannel, kernelStack, stop } = held;
  const isGroupStop = stop.kind === 'group';
  return {
    state: isGroupStop ? 'stopped' : (STATES[state] ?? state),
    systemCall: systemCall === null ? null : systemCallName(systemCall, bits),
    waitChannel,
    kernelStack: kernelStack === null ? null : linesOf(kernelStack),
    signal: stop.kind === 'signal' || isGroupStop ? signalName(stop.signal) : null,
  };
}

function linesOf(stack: Buffer): string[] {
  const lines = stack.toString('latin1').split('\n');
  return lines.filter((line) => line !== '').slice(0, MAX_KERNEL_FRAMES);
}
