import { closeSync, openSync, readSync } from 'node:fs';
import type { Segment } from './captured.ts';

/** Bytes of a page on x86-64. */
export const PAGE_BYTES = 4096;

/**
 * Addresses are plain numbers in here and in the planning of the small core: user space ends at 2^47 (2^56 with five
 * levels of page tables, which programs must ask for; those beyond 2^53 are not read), and numbers are many times faster.
 */
export type Address = number;

/** Where memory comes from. */
export interface MemoryReader {
  /** Fills `into` from `address` on. @returns Bytes read, fewer where a page cannot be read. */
  readInto(into: Buffer, address: Address): number;
}

/** /proc/PID/mem of a process that is held in its dump; the caller closes it. */
export class ProcessMemoryFile implements MemoryReader {
  readonly #fd: number;

  /** @throws Node's error where the process is gone or may not be read. */
  constructor(pid: number) {
    this.#fd = openSync(`/proc/${pid}/mem`, 'r');
  }

  readInto(into: Buffer, address: Address): number {
    let filled = 0;
    while (filled < into.length) {
      try {
        const length = readSync(this.#fd, into, filled, into.length - filled, address + filled);
        if (length === 0) break;
        filled += length;
      } catch {
        // EIO: the page is not there, or its file was cut. What was read before it counts.
        break;
      }
    }
    return filled;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** A range of memory, end not included. */
export interface Range {
  start: Address;
  end: Address;
}

/**
 * The memory that may be taken, page by page: exactly what the kernel's own dump would hold, as its program headers say
 * (MADV_DONTDUMP and coredump_filter are thereby honoured; /proc/PID/mem alone would give everything).
 */
export class DumpedMemory {
  readonly #reader: MemoryReader;
  /** Sorted, not overlapping. */
  readonly #ranges: Range[];
  /** Page number -> its bytes; null where it may not or cannot be read. */
  readonly #pages = new Map<number, Buffer | null>();

  constructor(reader: MemoryReader, segments: readonly Segment[]) {
    this.#reader = reader;
    const ranges = segments
      .map(({ start, fileBytes }) => ({ start: Number(start), end: Number(start + fileBytes) }))
      .filter(({ start, end }) => end > start && end <= Number.MAX_SAFE_INTEGER)
      .sort((a, b) => a.start - b.start);
    this.#ranges = ranges.filter(
      (range, index) => index === 0 || range.start >= (ranges[index - 1]?.end ?? 0),
    );
  }

  /** The dumped range that holds an address, null where none does. */
  rangeOf(address: Address): Range | null {
    let from = 0;
    let to = this.#ranges.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const range = this.#ranges[middle];
      if (range === undefined) return null;
      if (address < range.start) to = middle;
      else if (address >= range.end) from = middle + 1;
      else return range;
    }
    return null;
  }

  /** One page. @param number Its address divided by {@link PAGE_BYTES}. */
  page(number: number): Buffer | null {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    this.load(number * PAGE_BYTES, (number + 1) * PAGE_BYTES);
    return this.#pages.get(number) ?? null;
  }

  /** Reads the pages of a range by as few calls as possible. What is known already is not read again. */
  load(start: Address, end: Address): void {
    const last = Math.ceil(end / PAGE_BYTES);
    let first = Math.floor(start / PAGE_BYTES);
    while (first < last) {
      if (this.#pages.has(first)) {
        first += 1;
        continue;
      }
      const range = this.rangeOf(first * PAGE_BYTES);
      if (range === null) {
        this.#pages.set(first, null);
        first += 1;
        continue;
      }
      let until = first + 1;
      while (until < last && until * PAGE_BYTES < range.end && !this.#pages.has(until)) until += 1;
      this.#read(first, until);
      first = until;
    }
  }

  #read(first: number, until: number): void {
    const bytes = Buffer.allocUnsafe((until - first) * PAGE_BYTES);
    const length = this.#reader.readInto(bytes, first * PAGE_BYTES);
    for (let page = first; page < until; page += 1) {
      const at = (page - first) * PAGE_BYTES;
      this.#pages.set(page, at + PAGE_BYTES <= length ? bytes.subarray(at, at + PAGE_BYTES) : null);
      // The page that stopped the reading is lost; those behind it may be there.
      if (at + PAGE_BYTES > length && page + 1 < until) {
        this.#read(page + 1, until);
        return;
      }
    }
  }

  /** The bytes at an address, up to the first that cannot be read. */
  read(address: Address, length: number): Buffer {
    this.load(address, address + length);
    const pieces: Buffer[] = [];
    for (let at = address; at < address + length; ) {
      const page = this.page(Math.floor(at / PAGE_BYTES));
      if (page === null) break;
      const offset = at % PAGE_BYTES;
      const piece = page.subarray(offset, Math.min(PAGE_BYTES, offset + address + length - at));
      pieces.push(piece);
      at += piece.length;
    }
    const [only = Buffer.alloc(0)] = pieces;
    return pieces.length <= 1 ? only : Buffer.concat(pieces);
  }

  /** One 64-bit word as a number, null where it cannot be read or is no address that we handle. */
  word(address: Address): Address | null {
    const bytes = this.read(address, 8);
    if (bytes.length < 8) return null;
    const high = bytes.readUInt32LE(4);
    return high < 0x20_0000 ? high * 0x1_0000_0000 + bytes.readUInt32LE(0) : null;
  }
}
