import type { Segments } from './captured.ts';

/** Addresses at or above this are not exact as numbers; no user program maps anything there. */
const MAX_ADDRESS = 2 ** 53;

/**
 * Segments as sorted numbers, for looking up thousands of words as possible pointers: all of them user space, so below
 * 2^53. (The vsyscall page at ffffffffff600000 is not among them: it is the kernel's and the same in every process.)
 */
export class SegmentTable {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #flags: Uint8Array;
  readonly #count: number;
  #known = -1;
  #knownStart = 0;
  #knownEnd = 0;

  /**
   * @param segments Sorted and disjoint.
   * @param extent `dumped`: as far as the kernel's own dump holds them, so without what MADV_DONTDUMP and
   *   coredump_filter leave out. `mapped`: as far as they are mapped.
   * @param wanted Flags that a segment must have to be there; 0 for all segments.
   */
  constructor(segments: Segments, extent: 'dumped' | 'mapped', wanted = 0) {
    this.#starts = new Float64Array(segments.length);
    this.#ends = new Float64Array(segments.length);
    this.#flags = new Uint8Array(segments.length);
    let count = 0;
    for (const { start, end, fileBytes, flags } of segments) {
      const last = Number(extent === 'mapped' ? end : start + fileBytes);
      const first = Number(start);
      if (first >= last || last >= MAX_ADDRESS || (flags & wanted) !== wanted) continue;
      this.#starts[count] = first;
      this.#ends[count] = last;
      this.#flags[count] = flags;
      count += 1;
    }
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Number of the segment that holds `address`, -1 for none. Words on a stack point to few places: the segment, or the
   * gap, of the last look-up is tried first.
   */
  find(address: number): number {
    if (address >= this.#knownStart && address < this.#knownEnd) return this.#known;
    const index = this.firstAfter(address) - 1;
    const end = this.end(index);
    const isInside = index >= 0 && address < end;
    this.#known = isInside ? index : -1;
    this.#knownStart = isInside ? this.start(index) : end;
    this.#knownEnd = isInside
      ? end
      : index + 1 < this.#count
        ? this.start(index + 1)
        : Number.POSITIVE_INFINITY;
    return this.#known;
  }

  /** Number of the first segment that begins above `address`; {@link count} for none. */
  firstAfter(address: number): number {
    const starts = this.#starts;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  start(index: number): number {
    return this.#starts[index] ?? 0;
  }

  end(index: number): number {
    return index < this.#count ? (this.#ends[index] ?? 0) : 0;
  }

  /** PF_X 1, PF_W 2, PF_R 4. */
  flags(index: number): number {
    return this.#flags[index] ?? 0;
  }
}
