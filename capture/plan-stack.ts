import type { ScannedArea } from './follow-pointers.ts';
import { PAGE_BYTES, type PageCache } from './page-cache.ts';
import type { ReturnAddresses } from './return-addresses.ts';
import type { StackInUse } from './stack-in-use.ts';
import { findSlots, followFramePointers } from './stack-slots.ts';

/** How much of a stack to take. */
export interface StackPolicy {
  /** From sp upward, whatever it holds. */
  wholeBytes: number;
  /** Further up while there are fewer than {@link WHOLE_SLOTS} frames: large arrays are locals, too. */
  maxWholeBytes: number;
}

/** What was taken of a stack. */
export interface TakenStack {
  /** In one piece from sp on. */
  whole: ScannedArea;
  /** Around the return addresses further out. */
  windows: ScannedArea[];
  gap: PlannedGap | null;
  omittedBytes: number;
}

/** What lies between the innermost and the outermost frames that were taken. */
export interface PlannedGap {
  start: number;
  end: number;
  /** Return addresses among which those of the recursion are. */
  returns: number[];
}

/** What taking a stack needs to look at. */
export interface StackContext {
  pages: PageCache;
  returns: ReturnAddresses;
  /** Bytes of stacks that may still be looked through for return addresses, of all threads together. */
  searchLeft: number;
}

/** Frames of a deep recursion that a report shows, at either end: see docs/decisions/014. */
export const INNERMOST_FRAMES = 256;
export const OUTERMOST_FRAMES = 64;
/** Unwinding begins somewhere among the outer frames: some more, so that it has found its way by the 64th. */
const SPARE_FRAMES = 8;
/** Locals are shown of 8 frames; as many again for words that only look like a frame's. */
const WHOLE_SLOTS = 16;
/**
 * Around a return address: below it the registers that its function has saved and the locals next to them, above it what
 * its caller has lowest, at -O0 the arguments. Frames up to the sum of both are there in one piece.
 */
const WINDOW_BEFORE_BYTES = 256;
const WINDOW_BEHIND_BYTES = 384;
/** The very end of a stack: main()'s frame, argv, and on the main thread's the environment. */
const END_BYTES = 8 * 1024;
/** Return addresses of a recursion: more functions than this call each other seldom. */
const MAX_RECURRING = 64;
/** Of a heap that begins like a stack: no less, because its innermost frames may have no return address yet. */
const MIN_FOREIGN_BYTES = 4 * 1024;

/**
 * Adds a stack to a plan: whole where it is small; of a deep one the innermost part, around each return address of the
 * innermost {@link INNERMOST_FRAMES} frames, and the same of the outermost {@link OUTERMOST_FRAMES}.
 *
 * @param take Adds memory to the plan.
 */
export function takeStack(
  context: StackContext,
  { stack, policy }: { stack: StackInUse; policy: StackPolicy },
  take: (start: number, end: number) => void,
): TakenStack {
  const { pages } = context;
  const { start } = stack;
  const { end, isReached } = stack.endIsKnown
    ? { end: stack.end, isReached: true }
    : foreignEnd(context, stack, policy);
  const takeRange = (from: number, to: number) => {
    pages.load(Math.floor(from / PAGE_BYTES), Math.ceil(to / PAGE_BYTES));
    take(from, to);
  };
  const taken: TakenStack = { whole: { start, end }, windows: [], gap: null, omittedBytes: 0 };
  if (end - start <= policy.wholeBytes) {
    takeRange(start, end);
    return taken;
  }
  const inner = innerSlots(context, { start, end, near: start + policy.wholeBytes });
  const wholeEnd = Math.min(end, Math.max(start + policy.wholeBytes, wholeBySlots(inner, start, policy)));
  taken.whole.end = wholeEnd;
  takeRange(start, wholeEnd);
  if (wholeEnd === end) return taken;
  for (const slot of inner) addWindow(taken, slot, { start: wholeEnd, end });
  const innerEnd = taken.windows.at(-1)?.end ?? wholeEnd;
  const endStart = isReached ? Math.max(innerEnd, end - END_BYTES) : end;
  const searched = isReached ? Math.min(end - innerEnd, context.searchLeft) : 0;
  const frames = OUTERMOST_FRAMES + SPARE_FRAMES;
  const outer = findSlots(pages, context.returns, { start: end - searched, end, frames, direction: 'down' });
  context.searchLeft -= searched;
  const first = taken.windows.length;
  for (const slot of outer) if (slot < endStart) addWindow(taken, slot, { start: innerEnd, end: endStart });
  const outerStart = Math.min(endStart, taken.windows[first]?.start ?? endStart);
  if (outerStart > innerEnd) {
    taken.gap = { start: innerEnd, end: outerStart, returns: recurring(context, [...inner, ...outer]) };
  }
  let bytes = wholeEnd - start + (end - endStart);
  for (const window of taken.windows) {
    takeRange(window.start, window.end);
    bytes += window.end - window.start;
  }
  takeRange(endStart, end);
  taken.windows.push({ start: endStart, end });
  taken.omittedBytes = end - start - bytes;
  return taken;
}

/** Of the innermost frames: from frame pointers where they tell all, else whatever looks like one. */
function innerSlots(
  context: StackContext,
  { start, end, near }: { start: number; end: number; near: number },
): number[] {
  const { pages, returns } = context;
  const frames = INNERMOST_FRAMES + SPARE_FRAMES;
  const first = findSlots(pages, returns, { start, end: near, frames, direction: 'up' });
  const chain = followFramePointers(pages, returns, { first, end, frames });
  if (chain.length === frames && !skipsFrames(context, chain, first)) return chain;
  const searchEnd = Math.min(end, start + context.searchLeft);
  const found = findSlots(pages, returns, { start, end: searchEnd, frames, direction: 'up' });
  context.searchLeft -= (found.at(-1) ?? searchEnd) - start;
  if (skipsFrames(context, chain, found)) return found;
  return [...new Set([...chain, ...found])].sort((one, other) => one - other);
}

/**
 * Whether a chain leaves out most frames of the recursion that is among `slots`: where that is of code without frame
 * pointers, the register still holds what some caller far out has put there, and the chain leads there at once.
 */
function skipsFrames(context: StackContext, chain: readonly number[], slots: readonly number[]): boolean {
  const last = slots.at(-1) ?? 0;
  const linked = chain.filter((slot) => slot <= last).length;
  return linked < Math.max(0, ...countReturnAddresses(context, slots).values()) / 2;
}

/** Return addresses that occur more than once: those of a recursion are among them. */
function recurring(context: StackContext, slots: readonly number[]): number[] {
  const counts = countReturnAddresses(context, slots);
  const found = [...counts].filter(([, count]) => count > 1).sort((one, other) => other[1] - one[1]);
  return found.slice(0, MAX_RECURRING).map(([address]) => address);
}

function countReturnAddresses(
  { pages, returns }: StackContext,
  slots: readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const slot of slots) {
    const address = pages.word(slot, returns.elfClass);
    counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return counts;
}

function wholeBySlots(slots: readonly number[], start: number, { maxWholeBytes }: StackPolicy): number {
  const last = slots[Math.min(slots.length, WHOLE_SLOTS) - 1];
  return last === undefined ? 0 : Math.min(last + WINDOW_BEHIND_BYTES, start + maxWholeBytes);
}

/** Adds the window around a slot, joined with the one before. */
function addWindow(taken: TakenStack, slot: number, limits: { start: number; end: number }): void {
  const start = Math.max(limits.start, slot - WINDOW_BEFORE_BYTES);
  const end = Math.min(limits.end, slot + WINDOW_BEHIND_BYTES);
  if (start >= end) return;
  const last = taken.windows.at(-1);
  if (last !== undefined && last.end >= start) last.end = Math.max(last.end, end);
  else taken.windows.push({ start, end });
}

/**
 * Where a coroutine's or a goroutine's stack ends: where the chain of frame pointers does, if it leads out of the first
 * `wholeBytes`; else behind the last return address among those.
 *
 * @returns `isReached` is false where the chain goes on behind what may be looked through: there is no outer end to take.
 */
function foreignEnd(
  context: StackContext,
  stack: StackInUse,
  policy: StackPolicy,
): { end: number; isReached: boolean } {
  const { pages, returns } = context;
  const { wordBytes } = returns.elfClass;
  const { start } = stack;
  const near = Math.min(stack.end, start + policy.wholeBytes);
  const frames = Number.POSITIVE_INFINITY;
  const first = findSlots(pages, returns, { start, end: near, frames, direction: 'up' });
  const end = Math.min(stack.end, start + context.searchLeft);
  const outermost = followFramePointers(pages, returns, { first, end, frames }).at(-1) ?? start;
  if (outermost >= near) {
    context.searchLeft -= outermost - start;
    const next = pages.word(outermost - wordBytes, returns.elfClass);
    const isReached = end === stack.end || next <= outermost || next + 2 * wordBytes <= end;
    return { end: isReached ? Math.min(stack.end, outermost + WINDOW_BEHIND_BYTES) : end, isReached };
  }
  const last = (first.at(-1) ?? start) + WINDOW_BEHIND_BYTES;
  return { end: Math.min(near, Math.max(last, start + MIN_FOREIGN_BYTES)), isReached: true };
}
