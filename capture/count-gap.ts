import type { StackGap } from './captured.ts';
import { countReturns } from './count-returns.ts';
import type { ElfClass } from './elf/elf-class.ts';
import type { CoreRange } from './elf/write-core.ts';
import type { PageCache } from './page-cache.ts';
import type { PlannedGap } from './plan-stack.ts';

/**
 * What is really not there of a planned gap, once it is known what else is taken: pointers lead into it, too. It begins
 * where an unwinder that comes from the innermost frames has to stop, and ends where what holds the outermost frames
 * begins.
 *
 * @param ranges What the core holds, sorted.
 * @returns Null where all of it is there.
 */
export function countGap(
  gap: PlannedGap & { tid: number },
  ranges: readonly CoreRange[],
  { pages, elfClass }: { pages: PageCache; elfClass: ElfClass },
): StackGap | null {
  let { start, end } = gap;
  for (const range of ranges) {
    const rangeEnd = range.start + range.bytes;
    if (range.start <= start && rangeEnd > start) start = rangeEnd;
    if (range.start < end && rangeEnd >= end) end = range.start;
  }
  if (start >= end) return null;
  const inside = ranges.filter((range) => range.start < end && range.start + range.bytes > start);
  const isTaken = (address: number) =>
    inside.some((range) => address >= range.start && address < range.start + range.bytes);
  const { counts, isWhole } = countReturns(pages, gap.returns, { start, end, elfClass, isTaken });
  return { tid: gap.tid, start, end, returns: counts, isCounted: isWhole };
}
