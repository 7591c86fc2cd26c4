import type { Segment } from './captured.ts';
import type { Address, MemoryReader, Range } from './process-memory.ts';

/** elf.h */
const PF_X = 1;
/** Instructions that are looked at around one address. */
const WINDOW_BYTES = 16;

/**
 * The program text of a process. The kernel's dump leaves it out, because it is in the files; a few bytes of it tell a
 * return address from a number that looks like one.
 */
export class CodeMemory {
  readonly #reader: MemoryReader;
  readonly #ranges: Range[];
  readonly #known = new Map<Address, Buffer>();

  constructor(reader: MemoryReader, segments: readonly Segment[]) {
    this.#reader = reader;
    this.#ranges = segments
      .filter(({ flags, end }) => (flags & PF_X) !== 0 && end <= BigInt(Number.MAX_SAFE_INTEGER))
      .map(({ start, end }) => ({ start: Number(start), end: Number(end) }))
      .sort((a, b) => a.start - b.start);
  }

  /** Whether an address lies in an executable mapping. */
  isCode(address: Address): boolean {
    let from = 0;
    let to = this.#ranges.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const range = this.#ranges[middle];
      if (range === undefined) return false;
      if (address < range.start) to = middle;
      else if (address >= range.end) from = middle + 1;
      else return true;
    }
    return false;
  }

  /** At most {@link WINDOW_BYTES} of text. */
  read(address: Address, length: number): Buffer {
    const known = this.#known.get(address);
    if (known !== undefined && known.length >= length) return known.subarray(0, length);
    const bytes = Buffer.alloc(Math.min(length, WINDOW_BYTES));
    const read = bytes.subarray(0, this.#reader.readInto(bytes, address));
    this.#known.set(address, read);
    return read;
  }

  /**
   * Whether a call instruction ends just before this address, so that it can be a return address: `call rel32` (e8), or
   * `call r/m64` (ff /2) in its forms of 2 to 7 bytes. Intel SDM, volume 2, CALL.
   */
  isReturnAddress(address: Address): boolean {
    if (!this.isCode(address) || !this.isCode(address - 7)) return false;
    const before = this.read(address - 7, 7);
    if (before.length < 7) return false;
    if (before[2] === 0xe8) return true;
    for (const length of [2, 3, 4, 6, 7]) {
      if (before[7 - length] === 0xff && ((before[8 - length] ?? 0) & 0x38) === 0x10) return true;
    }
    return false;
  }
}

/** Memory as 64-bit words; those that are no address that we handle are 0. */
export function wordsOf(bytes: Buffer): Float64Array {
  const words = new Float64Array(bytes.length >> 3);
  for (let index = 0; index < words.length; index += 1) {
    const high = bytes.readUInt32LE(index * 8 + 4);
    if (high < 0x20_0000) words[index] = high * 0x1_0000_0000 + bytes.readUInt32LE(index * 8);
  }
  return words;
}
