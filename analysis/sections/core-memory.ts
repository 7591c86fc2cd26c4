import { type ElfClass, elf64 } from '../../capture/elf/elf-class.ts';
import { type ElfHeader, PN_XNUM, readElfHeader } from '../../capture/elf/elf-header.ts';
import { PT_LOAD, readProgramHeader } from '../../capture/elf/program-header.ts';

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
  /** The size of a word in the process. */
  readonly elfClass: ElfClass;
  /** By address. */
  readonly #segments: readonly Segment[];

  /** @param core A whole ELF core, little-endian. */
  constructor(core: Buffer) {
    const header = readElfHeader(core);
    this.elfClass = header?.elfClass ?? elf64;
    this.#segments = (header === null ? [] : segmentsOf(core, header)).sort((a, b) =>
      a.start < b.start ? -1 : a.start > b.start ? 1 : 0,
    );
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

function segmentsOf(core: Buffer, header: ElfHeader): Segment[] {
  const { elfClass, programHeadersOffset, programHeaderBytes } = header;
  if (elfClass === null || programHeaderBytes !== elfClass.programHeaderBytes) return [];
  const count = Math.min(countProgramHeaders(core, header, elfClass), MAX_SEGMENTS);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = programHeadersOffset + index * programHeaderBytes;
    if (at + programHeaderBytes > core.length) break;
    const { type, offset, fileBytes } = readProgramHeader(core, at, elfClass);
    if (type !== PT_LOAD) continue;
    const start = elfClass.readBigWord(core, at + elfClass.programHeader.address);
    const bytes = core.subarray(offset, offset + fileBytes);
    if (bytes.length > 0) segments.push({ start, end: start + BigInt(bytes.length), bytes });
  }
  return segments;
}

/** In a core that is whole, section header 0 has the number that does not fit into the ELF header. */
function countProgramHeaders(core: Buffer, { programHeaderCount }: ElfHeader, elfClass: ElfClass): number {
  if (programHeaderCount !== PN_XNUM) return programHeaderCount;
  const section = elfClass.readWord(core, elfClass.header.sectionHeadersOffset);
  const info = section + elfClass.sectionInfo;
  return section > 0 && info + 4 <= core.length ? core.readUInt32LE(info) : programHeaderCount;
}
