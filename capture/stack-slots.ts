import { PAGE_BYTES, type PageCache } from './page-cache.ts';
import type { ReturnAddresses } from './return-addresses.ts';

/** Where to look for return addresses, and how many frames' to find. */
export interface SlotSearch {
  start: number;
  end: number;
  /** Enough frames have been found when one address was there so many times, as in a recursion. */
  frames: number;
  /** `up` from start, `down` from end. */
  direction: 'up' | 'down';
}

/** Bytes of stack that are looked through: 256 frames of 4 KiB. 0.1 ms of reading and 0.4 ms of looking. */
const MAX_SEARCHED_BYTES = 1024 * 1024;
/** Slots in all: a recursion of 8 functions, or one whose frames are full of what finished calls left behind. */
const MAX_SLOTS = 2048;
/** Frames that a chain of frame pointers may skip: no frame is larger. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/**
 * Addresses of the words that hold return addresses, ascending. Some are left over from calls that have ended: better
 * some too many than one too few.
 */
export function findSlots(
  pages: PageCache,
  returns: ReturnAddresses,
  { start, end, frames, direction }: SlotSearch,
): number[] {
  const { elfClass } = returns;
  const { wordBytes } = elfClass;
  const slots: number[] = [];
  const seen = new Map<number, number>();
  const bytes = Math.min(end - start, MAX_SEARCHED_BYTES);
  const isUp = direction === 'up';
  const from = isUp ? start : end - bytes;
  pages.load(Math.floor(from / PAGE_BYTES), Math.ceil((from + bytes) / PAGE_BYTES));
  for (let done = 0; done < bytes; done += wordBytes) {
    const at = isUp ? from + done : from + bytes - wordBytes - done;
    const word = pages.word(at, elfClass);
    if (!returns.has(word)) continue;
    slots.push(at);
    const count = (seen.get(word) ?? 0) + 1;
    seen.set(word, count);
    if (count >= frames || slots.length === MAX_SLOTS) break;
  }
  return isUp ? slots : slots.reverse();
}

/**
 * The same for code that keeps frame pointers (-O0, Go, distributions that say so): exactly the frames there are, as far
 * as the chain leads. A saved frame pointer stands below the return address and leads to the next one.
 *
 * @param first Slots among which the chain begins: the one from which it leads furthest is taken.
 * @param frames Most slots.
 */
export function followFramePointers(
  pages: PageCache,
  returns: ReturnAddresses,
  { first, end, frames }: { first: readonly number[]; end: number; frames: number },
): number[] {
  const { elfClass } = returns;
  const { wordBytes } = elfClass;
  let longest: number[] = [];
  const seen = new Set<number>();
  for (const start of first) {
    const chain: number[] = [];
    for (let slot = start; chain.length < frames && !seen.has(slot); ) {
      seen.add(slot);
      chain.push(slot);
      const next = pages.word(slot - wordBytes, elfClass) + wordBytes;
      if (next % wordBytes !== 0 || next <= slot || next - slot > MAX_FRAME_BYTES) break;
      if (next + wordBytes > end || !returns.has(pages.word(next, elfClass))) break;
      slot = next;
    }
    if (chain.length > longest.length) longest = chain;
  }
  return longest;
}
