import { type Architecture, architectureOf } from '../../capture/arch/architecture.ts';
import type { StackGap } from '../../capture/captured.ts';
import type { ElfClass } from '../../capture/elf/elf-class.ts';
import { readElfHeader } from '../../capture/elf/elf-header.ts';
import type { CoreMemory } from '../sections/core-memory.ts';
import { CoreCopy } from './core-copy.ts';
import type { LaunchedGdb } from './launch-gdb.ts';
import { type GdbFrame, OUTERMOST_FRAMES, readDepth, readFrames } from './read-backtraces.ts';

/** A thread whose small core lacks the middle of its stack. */
export interface DeepThread {
  gap: StackGap;
  /** Return addresses of its innermost frames, as gdb has found them. */
  returnAddresses: ReadonlySet<number>;
  /** How many innermost frames gdb finds. */
  innerDepth: number;
}

/** Where a deep recursion began. */
export interface OuterEnd {
  /** The outermost frames, with their numbers. */
  frames: GdbFrame[];
  /** Frames in all. */
  depth: number;
  /** Whether all of them were counted. */
  isCounted: boolean;
}

/** Stack behind the gap that is looked through for where to begin. */
const SEARCHED_BYTES = 2 * 1024 * 1024;
/** No frame is larger: what a saved frame pointer may lead to. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** The first frames behind the gap begin with registers that are not theirs: gdb has found its way by then. */
const UNSURE_FRAMES = 4;

/**
 * Reads the outermost frames of deep threads, and how many frames lie in the gap.
 *
 * gdb cannot unwind over a gap. Behind it the return addresses are looked for that gdb has found in the innermost frames,
 * and in another copy of the core the thread gets the registers that it will have when that call returns: program
 * counter and stack pointer, and the frame pointer where one was saved. How many of these return addresses lie in the gap
 * capture has counted.
 *
 * @param core The small core.
 * @returns By thread id; gdb is at the other core afterwards.
 */
export async function readOuterEnds(
  gdb: LaunchedGdb,
  threads: ReadonlyMap<number, DeepThread>,
  { core, memory }: { core: Buffer; memory: CoreMemory },
): Promise<Map<number, OuterEnd>> {
  const ends = new Map<number, OuterEnd>();
  const copy = new CoreCopy(core);
  const header = readElfHeader(core);
  const bits = header?.elfClass?.bits ?? 64;
  const architecture = header === null ? null : architectureOf({ machine: header.machine, bits });
  const found: number[] = [];
  for (const [tid, thread] of threads) {
    if (architecture === null) return ends;
    const registers = registersBehind(thread, memory, architecture);
    if (registers !== null && copy.setRegisters(tid, architecture.threadIdOffset, registers)) found.push(tid);
  }
  if (found.length === 0) return ends;
  const ids = await gdb.openOther(copy.bytes);
  for (const tid of found) {
    const id = ids?.get(tid);
    const thread = threads.get(tid);
    if (id === undefined || thread === undefined) continue;
    const outerDepth = await readDepth(gdb.session, id);
    if (outerDepth === null) continue;
    const from = Math.max(Math.min(UNSURE_FRAMES, outerDepth - 1), outerDepth - OUTERMOST_FRAMES);
    const frames = await readFrames(gdb.session, id, { from, to: outerDepth - 1 });
    let between = 0;
    for (const [address, count] of thread.gap.returns) {
      if (thread.returnAddresses.has(address)) between += count;
    }
    const depth = thread.innerDepth + between + outerDepth;
    for (const frame of frames) frame.level += thread.innerDepth + between;
    ends.set(tid, { frames, depth, isCounted: thread.gap.isCounted });
  }
  return ends;
}

/** The registers at the first return behind the gap, by their offset in NT_PRSTATUS; null where there is none. */
function registersBehind(
  { gap, returnAddresses }: DeepThread,
  memory: CoreMemory,
  architecture: Architecture,
): Map<number, number> | null {
  const { registersOffset, registerNames, elfClass } = architecture;
  const { wordBytes } = elfClass;
  const offsetOf = (name: string) => registersOffset + registerNames.indexOf(name) * wordBytes;
  for (let at = gap.end; at < gap.end + SEARCHED_BYTES; at += wordBytes) {
    const word = wordAt(memory, at, elfClass);
    if (!returnAddresses.has(word)) continue;
    const registers = new Map([
      [offsetOf(architecture.pc), word],
      [offsetOf(architecture.sp), at + wordBytes],
    ]);
    const saved = wordAt(memory, at - wordBytes, elfClass);
    const isFramePointer = saved > at && saved < at + MAX_FRAME_BYTES;
    if (isFramePointer) registers.set(offsetOf(architecture.framePointer), saved);
    return registers;
  }
  return null;
}

/** 0 where the core does not hold it. */
function wordAt(memory: CoreMemory, address: number, { wordBytes, readWord }: ElfClass): number {
  const bytes = memory.read(BigInt(address), wordBytes);
  return bytes.length < wordBytes ? 0 : readWord(bytes, 0);
}
