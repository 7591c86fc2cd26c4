import type { StackGap } from '../capture/captured.ts';
import type { Frame, Thread } from '../report/record.ts';
import type { LaunchedGdb } from './gdb/launch-gdb.ts';
import {
  type GdbFrame,
  INNERMOST_FRAMES,
  MAX_DEPTH,
  OUTERMOST_FRAMES,
  readDepth,
  readFrames,
} from './gdb/read-backtraces.ts';
import { type DeepThread, readOuterEnds } from './gdb/read-outer-end.ts';
import type { CoreMemory } from './sections/core-memory.ts';

/** Deep threads counted, the crashed one first. */
const MAX_DEEP_THREADS = 4;

/** What of an analysis is read and filled. */
interface DeepReading {
  sections: { threads: readonly Thread[]; notes: string[] };
  core: Buffer;
  gaps: ReadonlyMap<number, StackGap>;
  memory: CoreMemory;
  place: (frames: readonly GdbFrame[]) => Frame[];
}

/** Whose stack the small core has both ends of, and who has more frames than are shown in a core that is whole. */
export async function readDeepThreads(
  gdb: LaunchedGdb,
  ids: ReadonlyMap<number, number>,
  { sections: { threads, notes }, place, core, memory, gaps }: DeepReading,
): Promise<void> {
  const { session } = gdb;
  const cut = new Map<number, DeepThread>();
  const deep = threads.filter(
    ({ tid, frames }) => frames !== null && (frames.length === INNERMOST_FRAMES || gaps.has(tid)),
  );
  for (const thread of deep.slice(0, MAX_DEEP_THREADS)) {
    const { tid, frames } = thread;
    const id = ids.get(tid);
    const gap = gaps.get(tid);
    const depth = id === undefined ? null : await readDepth(session, id);
    if (id === undefined || frames === null || depth === null) {
      notes.push(`Thread ${tid}: frames were not counted: ${session.failure ?? 'gdb does not say'}`);
    } else if (gap !== undefined) {
      const returnAddresses = recurring(frames.slice(1).map(({ pc }) => Number.parseInt(pc ?? '0', 16)));
      cut.set(tid, { gap, returnAddresses, innerDepth: depth });
    } else if (depth >= MAX_DEPTH) {
      notes.push(`Thread ${tid}: frames were counted up to ${MAX_DEPTH} only`);
    } else {
      const from = Math.max(INNERMOST_FRAMES, depth - OUTERMOST_FRAMES);
      if (from < depth)
        addOuter(thread, place(await readFrames(session, id, { from, to: depth - 1 })), depth);
    }
  }
  const ends = await readOuterEnds(gdb, cut, { core, memory });
  for (const thread of deep) {
    const end = ends.get(thread.tid);
    if (end !== undefined) {
      addOuter(thread, place(end.frames), end.depth);
      if (!end.isCounted) notes.push(`Thread ${thread.tid}: has more than the ${end.depth} frames counted`);
    } else if (cut.has(thread.tid)) {
      notes.push(`Thread ${thread.tid}: the outermost frames were not found behind what the core leaves out`);
    }
  }
  const left = deep.length - MAX_DEEP_THREADS;
  if (left > 0) notes.push(`${left} more threads are deeper than the ${INNERMOST_FRAMES} frames shown`);
}

/** @param depth Frames in all. */
function addOuter(thread: Thread, outer: readonly Frame[], depth: number): void {
  const inner = (thread.frames ?? []).slice(0, INNERMOST_FRAMES);
  thread.frames = [...inner, ...outer];
  const omitted = depth - thread.frames.length;
  if (omitted > 0) {
    thread.omittedFrames = omitted;
    thread.omittedAfter = inner.length - 1;
  }
}

/**
 * The return addresses of a recursion. One that is there once is of what the recursion had called when its stack ended; calls of
 * that before, which have returned, have left the same address all over the stack.
 */
function recurring(returnAddresses: readonly number[]): Set<number> {
  const seen = new Set<number>();
  const again = new Set<number>();
  for (const address of returnAddresses) (seen.has(address) ? again : seen).add(address);
  return again.size > 0 ? again : seen;
}
