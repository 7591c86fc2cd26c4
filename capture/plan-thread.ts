import type { Architecture } from './arch/architecture.ts';
import type { ThreadNotes } from './captured.ts';
import { followPointers, type ScannedArea } from './follow-pointers.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { registerAddress } from './noted-thread.ts';
import { PAGE_BYTES, type PageCache } from './page-cache.ts';
import type { SegmentTable } from './segment-table.ts';
import { findSignalFrames } from './signal-frames.ts';

/** How much of a thread to take. */
export interface ThreadPolicy {
  label: string;
  /** From sp upward. */
  stackBytes: number;
  /** From the other end of the stack's mapping: `main`, its arguments, and the beginning of a deep recursion. */
  outerStackBytes: number;
  /** Nearest to sp, that are looked through for pointers. */
  scannedBytes: number;
  depth: number;
  /** Around each register's target. */
  registerBytes: number;
}

/**
 * The thread that died: 128 KiB are about 1,000 frames. Its arguments and locals, and what they point to, are what a
 * report is read for: 16 KiB of stack hold the innermost 30 to 100 frames. A third level costs up to 1.5 MiB and 10 ms.
 */
export const CRASHED_THREAD: ThreadPolicy = {
  label: 'the crashed thread',
  stackBytes: 128 * 1024,
  outerStackBytes: 16 * 1024,
  scannedBytes: 16 * 1024,
  depth: 2,
  registerBytes: PAGE_BYTES,
};

/**
 * Any other: most wait within 2 KiB of their stack's beginning; 16 KiB are enough for all but deep recursion and large
 * buffers on the stack.
 */
export const OTHER_THREAD: ThreadPolicy = {
  label: 'other threads',
  stackBytes: 16 * 1024,
  outerStackBytes: 0,
  scannedBytes: 2 * 1024,
  depth: 1,
  registerBytes: 512,
};

/**
 * The thread control block: glibc's struct pthread has 2,304 bytes from the thread pointer on (1,216 on i386), in it the
 * thread's id, by which libthread_db knows it; thread-local variables (errno among them) lie below.
 */
const CONTROL_BLOCK_BYTES = 2304;
const THREAD_LOCAL_BYTES = 1024;

/** A page is touched below sp when a stack overflows: how far above sp to look for the stack then. */
const MAX_OVERFLOW_BYTES = 1024 * 1024;

/** What planning a thread needs to look at. */
export interface PlanContext {
  plan: MemoryPlan;
  pages: PageCache;
  segments: SegmentTable;
  architecture: Architecture;
}

/** Where a thread's stack is, from the lowest byte that is in use. */
interface UsedStack {
  start: number;
  /** Where its mapping ends. */
  end: number;
}

/**
 * Adds a thread to the plan: control block, stack, the stacks that signals interrupted, and what registers and stack
 * point to.
 *
 * @param allowance Bytes of the budget for it; its own frames come first.
 * @returns Bytes of its stack, above the taken ones, that the policy left out.
 */
export function planThread(
  context: PlanContext,
  thread: ThreadNotes,
  { policy, allowance }: { policy: ThreadPolicy; allowance: number },
): number {
  const { plan, pages, segments, architecture } = context;
  const label = `stack of ${policy.label}`;
  let left = allowance;
  const take = (start: number, end: number) => {
    left -= plan.add(label, start, end, left);
  };
  const sp = registerAddress(thread, architecture.sp);
  const stack = usedStack(segments, sp, architecture.redZoneBytes);
  const control = registerAddress(thread, architecture.threadPointer);
  const scanned: ScannedArea[] = [];
  let omitted = 0;
  const takeStack = ({ start, end }: UsedStack) => {
    const inner = Math.min(end, start + policy.stackBytes);
    pages.load(Math.floor(start / PAGE_BYTES), Math.ceil(inner / PAGE_BYTES));
    take(start, inner);
    if (policy.outerStackBytes > 0) take(Math.max(inner, end - policy.outerStackBytes), end);
    scanned.push({ start, end: Math.min(inner, start + policy.scannedBytes) });
    omitted += Math.max(0, end - inner - policy.outerStackBytes);
    return inner;
  };
  if (stack !== null) {
    const inner = takeStack(stack);
    const frames = findSignalFrames(context, { start: stack.start, end: inner }, architecture);
    for (const { interruptedSp } of frames) {
      const isTaken = interruptedSp >= stack.start && interruptedSp < inner;
      const interrupted = isTaken ? null : usedStack(segments, interruptedSp, architecture.redZoneBytes);
      if (interrupted !== null) takeStack(interrupted);
    }
  }
  take(control - Math.min(THREAD_LOCAL_BYTES, control % PAGE_BYTES), control + CONTROL_BLOCK_BYTES);
  takeRegisters(
    context,
    thread,
    (start, end) => {
      left -= plan.add(`memory that registers of ${policy.label} point to`, start, end, left);
    },
    policy.registerBytes,
  );
  const pointers = `memory that the stack of ${policy.label} points to`;
  followPointers(context, scanned, { label: pointers, depth: policy.depth, allowance: left });
  return omitted;
}

/**
 * The stack in use, red zone included. After an overflow sp lies below the mapping, in the guard page or further down;
 * then it is the whole mapping above. Null where sp is nowhere near a stack.
 */
function usedStack(segments: SegmentTable, sp: number, redZoneBytes: number): UsedStack | null {
  let segment = segments.find(sp);
  if (segment === -1) {
    segment = segments.firstAfter(sp);
    const start = segments.start(segment);
    if (segment === segments.count || start - sp > MAX_OVERFLOW_BYTES) return null;
    return { start, end: segments.end(segment) };
  }
  const lowest = Math.max(segments.start(segment), sp - redZoneBytes);
  return { start: lowest - (lowest % 8), end: segments.end(segment) };
}

function takeRegisters(
  { segments, architecture }: PlanContext,
  thread: ThreadNotes,
  take: (start: number, end: number) => void,
  windowBytes: number,
): void {
  for (const name of architecture.registerNames) {
    if (architecture.notPointers.has(name)) continue;
    const address = registerAddress(thread, name);
    const segment = segments.find(address);
    if (segment === -1) continue;
    // The window that the pointer lies in, and as much again behind it.
    const first = address - (address % windowBytes);
    take(Math.max(first, segments.start(segment)), address + windowBytes);
  }
}
