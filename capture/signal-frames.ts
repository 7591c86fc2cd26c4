import type { Architecture, SignalFrameLayout } from './arch/architecture.ts';
import type { ElfClass } from './elf/elf-class.ts';
import { PAGE_BYTES, type PageCache } from './page-cache.ts';
import type { SegmentTable } from './segment-table.ts';
import { MAX_OVERFLOW_BYTES } from './stack-in-use.ts';

/** What a signal interrupted. */
export interface SignalFrame {
  /** Of the word that holds the handler's return address. */
  address: number;
  interruptedSp: number;
  interruptedPc: number;
  /** 0 where it is not known. */
  interruptedFramePointer: number;
  /** The thread's alternate stack: sigaltstack(2); null where it has none, or the frame does not say. */
  alternateStack: { start: number; end: number } | null;
}

/** Handlers that are interrupted by handlers: more is garbage. */
const MAX_FRAMES = 4;
/** An alternate stack larger than this is garbage. */
const MAX_ALTERNATE_STACK_BYTES = 2 ** 30;

/**
 * Finds signal frames in a stack by what the kernel writes into them (the user's cs, an sp that is mapped, and what else
 * is always the same): without unwinding, and without reading the code that the return address leads to.
 *
 * @param start Of the stack to look through, a multiple of a word.
 */
export function findSignalFrames(
  { pages, segments }: { pages: PageCache; segments: SegmentTable },
  { start, end }: { start: number; end: number },
  architecture: Architecture,
): SignalFrame[] {
  const { signalFrames, elfClass } = architecture;
  const halves = elfClass.wordBytes / 4;
  const frames: SignalFrame[] = [];
  for (let number = Math.floor(start / PAGE_BYTES); number * PAGE_BYTES < end; number += 1) {
    const page = pages.page(number);
    if (page === null) continue;
    const { words, wordAt } = page;
    const last = wordAt + Math.min(PAGE_BYTES, end - number * PAGE_BYTES) / 4;
    for (let index = wordAt + Math.max(0, start - number * PAGE_BYTES) / 4; index < last; index += halves) {
      for (const layout of signalFrames) {
        // The marker first: it is the rarest. It may lie in the page of the frame or in the next.
        if (((words[index] ?? 0) & 0xffff) !== layout.markerValue) continue;
        const address = number * PAGE_BYTES + (index - wordAt) * 4 - layout.marker;
        const frame = frameAt(pages, address, { layout, elfClass });
        if (frame === null || !isNearMemory(segments, frame.interruptedSp)) continue;
        frames.push(frame);
        if (frames.length === MAX_FRAMES) return frames;
      }
    }
  }
  return frames;
}

/** A stack that has overflowed has its sp below itself. */
function isNearMemory(segments: SegmentTable, sp: number): boolean {
  if (segments.find(sp) !== -1) return true;
  const next = segments.firstAfter(sp);
  return next < segments.count && segments.start(next) - sp < MAX_OVERFLOW_BYTES;
}

function frameAt(
  pages: PageCache,
  address: number,
  { layout, elfClass }: { layout: SignalFrameLayout; elfClass: ElfClass },
): SignalFrame | null {
  const bytes = Buffer.alloc(layout.bytes);
  pages.copy(bytes, 0, { address, bytes: bytes.length });
  if (!layout.isGenuine(bytes, address)) return null;
  const { readWord } = elfClass;
  return {
    address,
    interruptedSp: readWord(bytes, layout.sp),
    interruptedPc: readWord(bytes, layout.pc),
    interruptedFramePointer: readWord(bytes, layout.framePointer),
    alternateStack: alternateStackIn(bytes, layout, elfClass),
  };
}

function alternateStackIn(
  bytes: Buffer,
  { alternateStack }: SignalFrameLayout,
  { readWord }: ElfClass,
): SignalFrame['alternateStack'] {
  if (alternateStack === null) return null;
  const start = readWord(bytes, alternateStack.start);
  const size = readWord(bytes, alternateStack.size);
  return start !== 0 && size > 0 && size <= MAX_ALTERNATE_STACK_BYTES ? { start, end: start + size } : null;
}
