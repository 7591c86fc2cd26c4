import type { SegmentTable } from './segment-table.ts';

/** A stack, from the lowest byte that is in use. */
export interface StackInUse {
  start: number;
  /** Where it ends; where nobody tells, what the memory that it lies in holds behind it may be anything. */
  end: number;
  endIsKnown: boolean;
}

/** What tells where a stack ends. */
export interface StackBounds {
  /** The thread control block: at the end of each stack that pthread_create(3) makes. */
  control: number;
  /** Somewhere at the end of the main thread's stack. */
  mainStackAddress: number;
  /** Stacks of signal handlers: sigaltstack(2). */
  alternate: readonly { start: number; end: number }[];
}

/** getauxval(3): the path that was executed, which the kernel puts at the end of the main thread's stack. */
export const AT_EXECFN = 31n;

/** A page is touched below sp when a stack overflows: how far above sp to look for the stack then. */
export const MAX_OVERFLOW_BYTES = 1024 * 1024;

/**
 * The stack that sp lies in, red zone included. After an overflow sp lies below the mapping, in the guard page or further
 * down; then it is the whole mapping above.
 *
 * The C library's stacks end where their mapping does. A coroutine's, and all of Go's, lie in memory that holds much
 * else: `endIsKnown` is false then.
 *
 * @returns Null where sp is nowhere near a stack.
 */
export function stackInUse(
  segments: SegmentTable,
  sp: number,
  { redZoneBytes, bounds }: { redZoneBytes: number; bounds: StackBounds },
): StackInUse | null {
  let segment = segments.find(sp);
  let start = Math.max(segments.start(segment), sp - redZoneBytes);
  if (segment === -1) {
    segment = segments.firstAfter(sp);
    start = segments.start(segment);
    if (segment === segments.count || start - sp > MAX_OVERFLOW_BYTES) return null;
  }
  start -= start % 8;
  const end = segments.end(segment);
  for (const stack of bounds.alternate) {
    if (sp >= stack.start && sp < stack.end) {
      return { start: Math.max(start, stack.start), end: Math.min(end, stack.end), endIsKnown: true };
    }
  }
  const { control, mainStackAddress } = bounds;
  if (control > start && control < end) return { start, end: control, endIsKnown: true };
  return { start, end, endIsKnown: mainStackAddress >= start && mainStackAddress < end };
}
