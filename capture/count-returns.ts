import type { ElfClass } from './elf/elf-class.ts';
import { PAGE_BYTES, PAGE_WORDS, type PageCache } from './page-cache.ts';

/** Most of a gap that is counted: a main thread's stack is 8 MiB. 1 MiB costs 0.3 ms, and as much to read. */
const MAX_COUNTED_BYTES = 16 * 1024 * 1024;

const FILTER_BYTES = 4096;

/** The part of a stack in which return addresses are counted. */
export interface CountedStack {
  /** A multiple of a word, as `end`. */
  start: number;
  end: number;
  elfClass: ElfClass;
  /** Whether the core holds a word all the same. */
  isTaken: (address: number) => boolean;
}

/**
 * How often each of some return addresses stands in the part of a deep stack that is not taken: by them the depth is
 * computed afterwards, when gdb has told which of them are those of frames.
 *
 * Of each return address those do not count that are before the first one that is not there: an unwinder gets that far.
 *
 * @returns `isWhole` is false where the part was too large to be looked through.
 */
export function countReturns(
  pages: PageCache,
  returns: readonly number[],
  { start, end, elfClass, isTaken }: CountedStack,
): { counts: Map<number, number>; isWhole: boolean } {
  const { wordBytes } = elfClass;
  const counts = new Map(returns.map((address) => [address, 0]));
  // Nearly all other words differ in these bits, and a Map costs ten times as much.
  const maybe = new Uint8Array(FILTER_BYTES);
  for (const address of returns) maybe[address % FILTER_BYTES] = 1;
  const stop = Math.min(end, start + MAX_COUNTED_BYTES);
  pages.load(Math.floor(start / PAGE_BYTES), Math.ceil(stop / PAGE_BYTES));
  for (let at = start; at < stop; ) {
    const number = Math.floor(at / PAGE_BYTES);
    const pageEnd = Math.min(stop, (number + 1) * PAGE_BYTES);
    const page = pages.page(number);
    if (page !== null) {
      const { words, wordAt } = page;
      const last = wordAt + Math.min(PAGE_WORDS, (pageEnd - number * PAGE_BYTES) / 4);
      for (let index = wordAt + (at - number * PAGE_BYTES) / 4; index < last; index += wordBytes / 4) {
        const low = words[index] ?? 0;
        if (maybe[low & (FILTER_BYTES - 1)] !== 1) continue;
        const address = elfClass.wordIn(words, index);
        const count = counts.get(address);
        if (count === undefined) continue;
        const slot = number * PAGE_BYTES + (index - wordAt) * 4;
        if (count > 0 || !isTaken(slot) || !isTaken(slot - wordBytes)) counts.set(address, count + 1);
      }
    }
    at = pageEnd;
  }
  return { counts, isWhole: stop === end };
}
