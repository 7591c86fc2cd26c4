import type { ElfClass } from './elf/elf-class.ts';

/** The size of a page on x86. */
export const PAGE_BYTES = 4096;
export const PAGE_WORDS = PAGE_BYTES / 4;

/** Pages that share one buffer: 1 MiB. Two buffers a page would be work for the garbage collector, thousands of them. */
const SLAB_PAGES = 256;
/**
 * Buffers at most: 40 MiB, the stacks of 2,000 threads and what else a small core takes. Of more the oldest is used again: a
 * core of 8 MiB can be made of some bytes of each of 30,000 pages.
 */
const MAX_SLABS = 40;

/**
 * Reads memory into a buffer.
 *
 * @param at Where in `target` the memory goes.
 * @returns Bytes read, from `address` on; 0 where nothing is readable there.
 */
export type ReadMemory = (target: Buffer, at: number, source: { address: number; bytes: number }) => number;

interface Slab {
  bytes: Buffer;
  words: Uint32Array;
  /** Which pages are in it. */
  numbers: Float64Array;
}

/**
 * One buffer that no cache uses now. A client that captures hundreds of crashes a second would otherwise leave as many
 * mebibytes to a garbage collector that sees a small object in each.
 */
let spare: Slab | null = null;

/** Where a page is: in `bytes` and `words` from these places on. Valid until the next look-up. */
export interface CachedPage extends Pick<Slab, 'bytes' | 'words'> {
  at: number;
  wordAt: number;
}

/**
 * Pages of another process, each read once as long as there are not too many: a read of /proc/PID/mem costs some microseconds
 * however small it is, and the pages of stack and heap are looked at again and again.
 */
export class PageCache {
  readonly #read: ReadMemory;
  /** Page -> its number among all that were read; -1 where it cannot be read. */
  readonly #slots = new Map<number, number>();
  readonly #slabs: Slab[] = [];
  readonly #found: CachedPage = { bytes: Buffer.alloc(0), words: new Uint32Array(0), at: 0, wordAt: 0 };
  #foundNumber = -1;
  /** The slab that is filled now, and how many pages it has. */
  #current = -1;
  #used = SLAB_PAGES;

  constructor(read: ReadMemory) {
    this.#read = read;
  }

  /**
   * @param number Address divided by {@link PAGE_BYTES}.
   * @returns The page, in an object that the next call uses again; null where it cannot be read.
   */
  page(number: number): CachedPage | null {
    if (number === this.#foundNumber) return this.#found;
    let slot = this.#slots.get(number);
    if (slot === undefined) {
      this.#readRun(number, 1);
      slot = this.#slots.get(number) ?? -1;
    }
    const slab = this.#slabs[Math.floor(slot / SLAB_PAGES)];
    if (slab === undefined) return null;
    const found = this.#found;
    found.bytes = slab.bytes;
    found.words = slab.words;
    found.at = (slot % SLAB_PAGES) * PAGE_BYTES;
    found.wordAt = (slot % SLAB_PAGES) * PAGE_WORDS;
    this.#foundNumber = number;
    return found;
  }

  /**
   * The word at `address`, a multiple of its size, as a number (see readAddress); 0 where it cannot be read. Much faster
   * than Buffer's own methods while the code is cold.
   */
  word(address: number, elfClass: ElfClass): number {
    const number = Math.floor(address / PAGE_BYTES);
    const page = this.page(number);
    if (page === null) return 0;
    return elfClass.wordIn(page.words, page.wordAt + (address - number * PAGE_BYTES) / 4);
  }

  /** Reads those of the pages `first` to `end` - 1 that are not here yet, neighbours with one system call. */
  load(first: number, end: number): void {
    let run = 0;
    for (let number = first; number < end; number += 1) {
      if (!this.#slots.has(number)) run += 1;
      else if (run > 0) {
        this.#readRun(number - run, run);
        run = 0;
      }
    }
    if (run > 0) this.#readRun(end - run, run);
  }

  /** {@link load} for single pages, in any order. */
  loadEach(numbers: Iterable<number>): void {
    const missing: number[] = [];
    for (const number of numbers) if (!this.#slots.has(number)) missing.push(number);
    if (missing.length === 0) return;
    const sorted = Float64Array.from(missing).sort();
    let first = sorted[0] ?? 0;
    let end = first;
    for (const number of sorted) {
      if (number > end) {
        this.#readRun(first, end - first);
        first = number;
      }
      end = number + 1;
    }
    this.#readRun(first, end - first);
  }

  /** Copies memory out, as far as it can be read; what cannot be read stays as it is. */
  copy(target: Buffer, at: number, source: { address: number; bytes: number }): void {
    for (let done = 0; done < source.bytes; ) {
      const address = source.address + done;
      const number = Math.floor(address / PAGE_BYTES);
      const offset = address - number * PAGE_BYTES;
      const length = Math.min(PAGE_BYTES - offset, source.bytes - done);
      const page = this.page(number);
      page?.bytes.copy(target, at + done, page.at + offset, page.at + offset + length);
      done += length;
    }
  }

  /** Forgets all pages and lets another cache have the buffer: nothing may look at what was read any more. */
  release(): void {
    this.#slots.clear();
    this.#foundNumber = -1;
    this.#current = -1;
    this.#used = SLAB_PAGES;
    const [slab = null] = this.#slabs.splice(0);
    spare ??= slab;
  }

  #readRun(first: number, count: number): void {
    for (let done = 0; done < count; ) {
      if (this.#used === SLAB_PAGES) this.#addSlab();
      const run = Math.min(count - done, SLAB_PAGES - this.#used);
      const slab = this.#slabs[this.#current];
      if (slab === undefined) return;
      const { bytes, numbers } = slab;
      const source = { address: (first + done) * PAGE_BYTES, bytes: run * PAGE_BYTES };
      const whole = Math.floor(this.#read(bytes, this.#used * PAGE_BYTES, source) / PAGE_BYTES);
      for (let index = 0; index < whole; index += 1) {
        this.#slots.set(first + done + index, this.#current * SLAB_PAGES + this.#used + index);
        numbers[this.#used + index] = first + done + index;
      }
      this.#used += whole;
      done += whole;
      if (whole < run) {
        this.#slots.set(first + done, -1);
        done += 1;
      }
    }
  }

  #addSlab(): void {
    this.#current = (this.#current + 1) % MAX_SLABS;
    this.#used = 0;
    const oldest = this.#slabs[this.#current];
    if (oldest === undefined) {
      this.#slabs.push(spare ?? newSlab());
      spare = null;
      return;
    }
    for (const number of oldest.numbers) this.#slots.delete(number);
    this.#foundNumber = -1;
  }
}

function newSlab(): Slab {
  // Not from Node's pool: it starts at a multiple of 8, and is not filled with zeros.
  const bytes = Buffer.allocUnsafeSlow(SLAB_PAGES * PAGE_BYTES);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, SLAB_PAGES * PAGE_WORDS);
  return { bytes, words, numbers: new Float64Array(SLAB_PAGES) };
}
