import type { Segment } from './captured.ts';

/** Segments as columns of numbers: as objects, the 262,144 that a core may have are 40 MiB. */
export class SegmentColumns implements Iterable<Segment> {
  readonly #starts: BigUint64Array;
  readonly #ends: BigUint64Array;
  readonly #fileBytes: BigUint64Array;
  readonly #flags: Uint8Array;
  #length = 0;

  /** @param most How many there will be at most. */
  constructor(most: number) {
    this.#starts = new BigUint64Array(most);
    this.#ends = new BigUint64Array(most);
    this.#fileBytes = new BigUint64Array(most);
    this.#flags = new Uint8Array(most);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds one behind the others; all of it below 2^64. */
  push({ start, end, fileBytes, flags }: Segment): void {
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#fileBytes[this.#length] = fileBytes;
    this.#flags[this.#length] = flags;
    this.#length += 1;
  }

  *[Symbol.iterator](): Generator<Segment> {
    for (let index = 0; index < this.#length; index += 1) yield this.#at(index);
  }

  /** The same in order and disjoint: of two that overlap, the one that begins first stays. */
  disjoint(): SegmentColumns {
    const starts = this.#starts;
    const order = Uint32Array.from({ length: this.#length }, (_, index) => index).sort((one, other) => {
      const difference = (starts[one] ?? 0n) - (starts[other] ?? 0n);
      return difference < 0n ? -1 : difference > 0n ? 1 : one - other;
    });
    const disjoint = new SegmentColumns(this.#length);
    let end = 0n;
    for (const index of order) {
      const segment = this.#at(index);
      if (segment.start < end) continue;
      end = segment.end;
      disjoint.push(segment);
    }
    return disjoint;
  }

  #at(index: number): Segment {
    return {
      start: this.#starts[index] ?? 0n,
      end: this.#ends[index] ?? 0n,
      fileBytes: this.#fileBytes[index] ?? 0n,
      flags: this.#flags[index] ?? 0,
    };
  }
}
