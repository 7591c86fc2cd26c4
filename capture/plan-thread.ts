import type { Architecture } from './arch/architecture.ts';
import type { ThreadNotes } from './captured.ts';
import { followPointers, type ScannedArea } from './follow-pointers.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { registerAddress } from './noted-thread.ts';
import { PAGE_BYTES } from './page-cache.ts';
import { CONTROL_BLOCK_BYTES } from './plan-glibc.ts';
import { type PlannedGap, type StackContext, type TakenStack, takeStack } from './plan-stack.ts';
import type { SegmentTable } from './segment-table.ts';
import { findSignalFrames } from './signal-frames.ts';
import { type StackBounds, type StackInUse, stackInUse } from './stack-in-use.ts';
import type { ThreadPolicy } from './thread-policy.ts';

/** Of every stack first, before anything else of its thread: where a waiting thread's few frames are. */
const FIRST_BYTES = 2048;
/** tcbhead_t: the thread's own address, and the table of the thread-local variables of its libraries (dtv). */
const TCB_HEAD_BYTES = 64;
/** A register that points to so many return addresses within this points into a stack: a coroutine's that waits. */
const STACK_SIGN_BYTES = 2048;
const STACK_SIGN_COUNT = 3;
/** Of such a stack: its innermost frames. */
const WAITING_STACK_BYTES = 8 * 1024;

/** What planning a thread needs to look at. */
export interface PlanContext extends StackContext {
  plan: MemoryPlan;
  segments: SegmentTable;
  architecture: Architecture;
  /** Strings of the auxiliary vector lie at the end of the main thread's stack. */
  mainStackAddress: number;
}

/** What was left out of a thread. */
export interface OmittedOfThread {
  bytes: number;
  gap: (PlannedGap & { tid: number }) | null;
}

/**
 * Adds a thread to the plan: control block, stack, the stacks that signals interrupted, and what registers and stack
 * point to.
 *
 * @param allowance Bytes of the budget for it; its own frames come first.
 */
export function planThread(
  context: PlanContext,
  thread: ThreadNotes,
  { policy, allowance }: { policy: ThreadPolicy; allowance: number },
): OmittedOfThread {
  const { plan, segments, architecture } = context;
  const label = `stack of ${policy.label}`;
  let left = allowance;
  const take = (start: number, end: number) => {
    left -= plan.add(label, start, end, left);
  };
  const register = (name: string) => registerAddress(thread, name);
  const control = register(architecture.threadPointer);
  const bounds: StackBounds = { control, mainStackAddress: context.mainStackAddress, alternate: [] };
  const { redZoneBytes } = architecture;
  const running = stackInUse(segments, register(architecture.sp), { redZoneBytes, bounds });
  if (running !== null) take(running.start, Math.min(running.end, running.start + FIRST_BYTES));
  take(control, control + CONTROL_BLOCK_BYTES);
  const stacks: TakenStack[] = [];
  if (running !== null) {
    const area = signalArea(running, policy);
    context.pages.load(Math.floor(area.start / PAGE_BYTES), Math.ceil(area.end / PAGE_BYTES));
    const frames = findSignalFrames(context, area, architecture);
    const alternate = frames.flatMap(({ alternateStack }) => alternateStack ?? []);
    const all = { ...bounds, alternate };
    const first = stackInUse(segments, register(architecture.sp), { redZoneBytes, bounds: all }) ?? running;
    stacks.push(takeStack(context, { stack: first, policy: policy.stack }, take));
    for (const { interruptedSp } of frames) {
      if (stacks.some(({ whole }) => interruptedSp >= whole.start && interruptedSp < whole.end)) continue;
      const stack = stackInUse(segments, interruptedSp, { redZoneBytes, bounds: all });
      if (stack !== null) stacks.push(takeStack(context, { stack, policy: policy.stack }, take));
    }
  }
  const threadLocals = threadLocalsStart(segments, control, policy);
  take(threadLocals, control);
  takeRegisters(context, thread, { policy, allowance: left });
  const near: ScannedArea[] = stacks.map(({ whole: { start, end } }) => ({
    start,
    end: Math.min(end, start + policy.nearBytes),
  }));
  if (policy.followsThreadLocals) {
    near.push({ start: threadLocals, end: control + TCB_HEAD_BYTES });
  }
  const far = stacks.flatMap(({ whole: { start, end }, windows }) => [
    { start: Math.min(end, start + policy.nearBytes), end },
    ...windows,
  ]);
  const pointers = `memory that the stack of ${policy.label} points to`;
  for (const [areas, { maxBytes, ...limits }] of [
    [near, policy.near],
    [far, policy.far],
  ] as const) {
    const most = Math.min(left, maxBytes);
    left -= followPointers(context, areas, { label: pointers, ...limits, allowance: most });
  }
  return omittedOf(thread.tid, stacks);
}

function threadLocalsStart(
  segments: SegmentTable,
  control: number,
  { threadLocalBytes }: ThreadPolicy,
): number {
  const start = Math.max(segments.start(segments.find(control)), control - threadLocalBytes);
  return start - (start % 8);
}

/** Where a signal's frame may lie in the stack of its handler: what runs since is on top of it. */
function signalArea({ start, end }: StackInUse, { stack }: ThreadPolicy): ScannedArea {
  return { start, end: Math.min(end, start + stack.wholeBytes) };
}

function omittedOf(tid: number, stacks: readonly TakenStack[]): OmittedOfThread {
  const bytes = stacks.reduce((sum, { omittedBytes }) => sum + omittedBytes, 0);
  const gap = stacks.find((stack) => stack.gap !== null)?.gap ?? null;
  if (gap === null) return { bytes, gap };
  return { bytes, gap: { tid, ...gap } };
}

function takeRegisters(
  context: PlanContext,
  thread: ThreadNotes,
  { policy, allowance }: { policy: ThreadPolicy; allowance: number },
): number {
  const { plan, segments, architecture } = context;
  const label = `memory that registers of ${policy.label} point to`;
  let used = 0;
  for (const name of architecture.registerNames) {
    if (architecture.notPointers.has(name)) continue;
    const address = registerAddress(thread, name);
    const segment = segments.find(address);
    if (segment === -1) continue;
    // The window that the pointer lies in, and as much again behind it.
    const first = Math.max(address - (address % policy.registerBytes), segments.start(segment));
    const behind =
      policy.seesStacks && isStack(context, address) ? WAITING_STACK_BYTES : policy.registerBytes;
    used += plan.add(label, first, address + behind, allowance - used);
  }
  return used;
}

/** Whether memory looks like a stack from there on. */
function isStack({ pages, segments, returns }: PlanContext, address: number): boolean {
  const { elfClass } = returns;
  const start = address - (address % 8);
  const end = Math.min(start + STACK_SIGN_BYTES, segments.end(segments.find(address)));
  let count = 0;
  for (let at = start; at < end && count < STACK_SIGN_COUNT; at += elfClass.wordBytes) {
    if (returns.has(pages.word(at, elfClass))) count += 1;
  }
  return count === STACK_SIGN_COUNT;
}
