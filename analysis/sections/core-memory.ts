/** elf(5): sizeof(Elf64_Ehdr), sizeof(Elf64_Phdr). */
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const PT_LOAD = 1;
/** In e_phnum: the true number stands in section header 0. */
const PN_XNUM = 0xffff;
/** vm.max_map_count is 65,530 by default, a core has at most a program header for each. */
const MAX_SEGMENTS = 200_000;

interface Segment {
  start: bigint;
  end: bigint;
  bytes: Buffer;
}

/**
 * The memory that a core holds, by address: for what is shown of memory without gdb, so that it is there also where
 * gdb is not. Content is the crashed program's; a core that is cut or lies yields less memory, never an error.
 */
export class CoreMemory {
  /** By address. */
  readonly #segments: readonly Segment[];

  /** @param core A whole ELF core of 64 bits, little-endian. */
  constructor(core: Buffer) {
    this.#segments = segmentsOf(core).sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  }

  /**
   * Reads memory, from `address` on, up to where the core's knowledge ends.
   *
   * @param length Wanted bytes.
   * @returns What is there, a view where it lies in one piece; empty where nothing is.
   */
  read(address: bigint, length: number): Buffer {
    const parts: Buffer[] = [];
    let at = address;
    let left = length;
    while (left > 0) {
      const segment = this.#segmentAt(at);
      if (segment === undefined) break;
      const from = Number(at - segment.start);
      const part = segment.bytes.subarray(from, from + left);
      parts.push(part);
      at += BigInt(part.length);
      left -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
  }

  /** The lowest address from `address` on, and below `address + reach`, that the core holds; null for none. */
  firstFrom(address: bigint, reach: bigint): bigint | null {
    const segment = this.#segmentFrom(address);
    if (segment === undefined || segment.start >= address + reach) return null;
    return segment.start > address ? segment.start : address;
  }

  #segmentAt(address: bigint): Segment | undefined {
    const segment = this.#segmentFrom(address);
    return segment !== undefined && segment.start <= address ? segment : undefined;
  }

  /** The first segment that ends above `address`, by binary search. */
  #segmentFrom(address: bigint): Segment | undefined {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const segment = this.#segments[middle];
      if (segment !== undefined && segment.end <= address) low = middle + 1;
      else high = middle;
    }
    return this.#segments[low];
  }
}

function segmentsOf(core: Buffer): Segment[] {
  const isElf = core.length >= HEADER_BYTES && core.readUInt32BE(0) === 0x7f454c46;
  // EI_CLASS 2 and EI_DATA 1: 64 bits, little-endian.
  if (!isElf || core.readUInt16BE(4) !== 0x0201 || core.readUInt16LE(54) !== PROGRAM_HEADER_BYTES) return [];
  const table = Number(core.readBigUInt64LE(32));
  const count = Math.min(programHeaderCount(core), MAX_SEGMENTS);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = table + index * PROGRAM_HEADER_BYTES;
    if (at + PROGRAM_HEADER_BYTES > core.length) break;
    if (core.readUInt32LE(at) !== PT_LOAD) continue;
    const offset = Number(core.readBigUInt64LE(at + 8));
    const start = core.readBigUInt64LE(at + 16);
    const fileBytes = Number(core.readBigUInt64LE(at + 32));
    const bytes = core.subarray(offset, offset + fileBytes);
    if (bytes.length > 0) segments.push({ start, end: start + BigInt(bytes.length), bytes });
  }
  return segments;
}

function programHeaderCount(core: Buffer): number {
  const count = core.readUInt16LE(56);
  if (count !== PN_XNUM) return count;
  const section = Number(core.readBigUInt64LE(40));
  return section > 0 && section + 48 <= core.length ? core.readUInt32LE(section + 44) : count;
}
