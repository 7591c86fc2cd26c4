import type { CoreRange } from './elf/write-core.ts';
import { PAGE_BYTES, type PageCache } from './page-cache.ts';
import type { SegmentTable } from './segment-table.ts';

/**
 * What memory is taken by: 128 bytes, so that a page is one 32-bit mask. Smaller saves little (objects are mostly
 * looked at whole), larger pays for neighbours that nobody asked for.
 */
export const GRANULE_BYTES = 128;
/** Program header that each further range costs in the core. */
const RANGE_BYTES = 56;
/** Holes up to here, within a page that was read anyway, are filled: gdb looks ranges up one by one. */
const MAX_FILLED_HOLE_BYTES = 512;

const GRANULES = PAGE_BYTES / GRANULE_BYTES;
/** All granules of a page, as the unsigned number that a mask is after a shift. */
const ALL = 0xffff_ffff;

/**
 * Which memory the small core takes. What is added twice counts once; everything is clipped to what the kernel's dump
 * would hold; once the budget is used up, additions are shortened or refused, and counted under their label.
 */
export class MemoryPlan {
  readonly #segments: SegmentTable;
  /** Page -> mask of its granules. */
  readonly #masks = new Map<number, number>();
  readonly #refused = new Map<string, number>();
  readonly #unseen = new Map<string, number>();
  #left: number;
  #unreadable = 0;

  constructor(segments: SegmentTable, budgetBytes: number) {
    this.#segments = segments;
    this.#left = Math.max(0, budgetBytes);
  }

  /** Bytes of the budget that are left. */
  get leftBytes(): number {
    return this.#left;
  }

  /** What did not fit: label -> bytes. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  /** Takes the room of a range without bytes from the budget. @returns False where there is none left. */
  addRange(): boolean {
    if (this.#left < RANGE_BYTES) return false;
    this.#left -= RANGE_BYTES;
    return true;
  }

  /** What a limit kept from being looked at, or taken: label -> bytes. */
  get unseen(): ReadonlyMap<string, number> {
    return this.#unseen;
  }

  /** Something that nobody has looked at to its end, however much budget there is. */
  leaveUnseen(label: string, bytes: number): void {
    this.#unseen.set(label, (this.#unseen.get(label) ?? 0) + bytes);
  }

  /** Forgets what was left out: it is tried again, with what the others have left of the budget. */
  forget(label: string): void {
    this.#refused.delete(label);
    this.#unseen.delete(label);
  }

  /** The pages that hold something planned, in no order. */
  pages(): Iterable<number> {
    return this.#masks.keys();
  }

  /**
   * Adds the memory from `start` up to `end`, as far as it lies in the segment of `start` and above.
   *
   * @param label What it is, for the list of what was left out.
   * @param allowance Most bytes of the budget that it may use.
   * @returns Bytes of the budget that it used.
   */
  add(label: string, start: number, end: number, allowance: number = Number.POSITIVE_INFINITY): number {
    const segment = this.#segments.find(start);
    if (segment === -1) return 0;
    const stop = Math.min(end, this.#segments.end(segment));
    const limit = Math.min(allowance, this.#left);
    // One that begins within a page, as in a core that is small already, has its first page by itself: see ranges().
    const isAligned = this.#segments.start(segment) <= start - (start % PAGE_BYTES);
    let used = isAligned ? RANGE_BYTES : 2 * RANGE_BYTES;
    let isNew = false;
    for (let at = start; at < stop; ) {
      const page = Math.floor(at / PAGE_BYTES);
      const pageEnd = Math.min(stop, (page + 1) * PAGE_BYTES);
      const first = Math.floor((at - page * PAGE_BYTES) / GRANULE_BYTES);
      const last = Math.ceil((pageEnd - page * PAGE_BYTES) / GRANULE_BYTES) - 1;
      const before = this.#masks.get(page) ?? 0;
      const added = maskOf(first, last) & ~before;
      const cost = bitCount(added) * GRANULE_BYTES;
      if (used + cost > limit) {
        this.#refused.set(label, (this.#refused.get(label) ?? 0) + stop - at);
        break;
      }
      if (added !== 0) {
        this.#masks.set(page, before | added);
        isNew = true;
      }
      used += cost;
      at = pageEnd;
    }
    if (!isNew) return 0;
    this.#left -= used;
    return used;
  }

  /**
   * The plan as ranges, sorted, each within one segment, neighbours joined and small holes filled. Pages that cannot be
   * read are left out and counted in {@link unreadablePages}.
   */
  ranges(pages: PageCache): CoreRange[] {
    pages.loadEach(this.#masks.keys());
    const ranges: CoreRange[] = [];
    let last: CoreRange = { start: 0, bytes: 0, flags: 0 };
    let lastSegment = -1;
    for (const page of Float64Array.from(this.#masks.keys()).sort()) {
      if (pages.page(page) === null) {
        this.#unreadable += 1;
        continue;
      }
      const segment = this.#segments.find(page * PAGE_BYTES);
      let mask = this.#masks.get(page) ?? 0;
      for (let granule = 0; mask !== 0; ) {
        // The next run of ones: shift the zeros before it away, then count it.
        const zeros = 31 - Math.clz32(mask & -mask);
        mask >>>= zeros;
        granule += zeros;
        const ones = mask === ALL ? GRANULES : 31 - Math.clz32(~mask & -~mask);
        mask = ones === GRANULES ? 0 : mask >>> ones;
        const start = page * PAGE_BYTES + granule * GRANULE_BYTES;
        const bytes = ones * GRANULE_BYTES;
        granule += ones;
        const hole = start - last.start - last.bytes;
        const isFillable = hole <= MAX_FILLED_HOLE_BYTES && hole <= this.#left && start % PAGE_BYTES >= hole;
        if (segment === lastSegment && (hole === 0 || isFillable)) {
          this.#left -= hole;
          last.bytes += hole + bytes;
        } else {
          last = { start, bytes, flags: this.#segments.flags(segment) };
          lastSegment = segment;
          ranges.push(last);
        }
      }
    }
    return ranges;
  }

  /** Planned pages that {@link ranges} had to leave out. */
  get unreadablePages(): number {
    return this.#unreadable;
  }
}

/** Bits `first` to `last` of 32. */
function maskOf(first: number, last: number): number {
  const count = last - first + 1;
  return count >= 32 ? -1 : ((1 << count) - 1) << first;
}

function bitCount(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
