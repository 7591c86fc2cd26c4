import { type Address, type DumpedMemory, PAGE_BYTES, type Range } from './process-memory.ts';

/**
 * The grain in which memory is taken. Small windows around pointers would cost a whole page each otherwise; a segment's
 * header costs 56 bytes, so a finer grain saves nothing.
 */
export const GRAIN_BYTES = 256;

/** Which memory goes into the small core: taken in the order of importance until the budget is used up. */
export class MemoryPlan {
  readonly #memory: DumpedMemory;
  readonly #grains = new Set<number>();
  readonly #most: number;
  /** Bytes that were wanted and did not fit any more, by what they were wanted for. */
  readonly left = new Map<string, number>();

  /** @param budgetBytes Of memory; headers and notes come on top. */
  constructor(memory: DumpedMemory, budgetBytes: number) {
    this.#memory = memory;
    this.#most = Math.floor(budgetBytes / GRAIN_BYTES);
  }

  get bytes(): number {
    return this.#grains.size * GRAIN_BYTES;
  }

  /**
   * Takes a range, as far as it is dumped and fits.
   *
   * @param purpose In words, for what was left out: `stack of thread 12`.
   * @returns How many bytes are new.
   */
  take(start: Address, end: Address, purpose: string): number {
    if (!(end > start && start >= 0 && end <= Number.MAX_SAFE_INTEGER)) return 0;
    this.#memory.load(start, end);
    let added = 0;
    const last = Math.ceil(end / GRAIN_BYTES);
    for (let grain = Math.floor(start / GRAIN_BYTES); grain < last; grain += 1) {
      if (this.#grains.has(grain)) continue;
      if (this.#memory.page(Math.floor((grain * GRAIN_BYTES) / PAGE_BYTES)) === null) continue;
      if (this.#grains.size >= this.#most) {
        this.left.set(purpose, (this.left.get(purpose) ?? 0) + (last - grain) * GRAIN_BYTES);
        break;
      }
      this.#grains.add(grain);
      added += GRAIN_BYTES;
    }
    return added;
  }

  /** What was taken: sorted, neighbours joined. */
  ranges(): Range[] {
    const grains = Float64Array.from(this.#grains).sort();
    const ranges: Range[] = [];
    let last: Range | undefined;
    for (const grain of grains) {
      const start = grain * GRAIN_BYTES;
      if (last !== undefined && last.end === start) {
        last.end = start + GRAIN_BYTES;
      } else {
        last = { start, end: start + GRAIN_BYTES };
        ranges.push(last);
      }
    }
    return ranges;
  }
}
