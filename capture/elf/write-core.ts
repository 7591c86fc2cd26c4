/** Memory that a core shall hold. */
export interface CoreRange {
  start: number;
  bytes: number;
  /** PF_X 1, PF_W 2, PF_R 4. */
  flags: number;
  /** Nothing but zeros, of which the core holds no bytes. */
  isZero?: boolean;
}

/**
 * Sizes and places of elf(5), in bytes: of the header, of a program header, and how a word is written. This file shares
 * nothing with the readers, so that a mistake in one cannot hide in the other.
 */
interface Layout {
  ident: number;
  ehdr: number;
  phdr: number;
  phoff: number;
  ehsize: number;
  flags: number;
  offset: number;
  address: number;
  fileSize: number;
  memorySize: number;
  align: number;
  write(bytes: Buffer, at: number, value: number): void;
}

const LAYOUTS: Readonly<Record<32 | 64, Layout>> = {
  32: {
    ...{ ident: 1, ehdr: 52, phdr: 32, phoff: 28, ehsize: 40 },
    ...{ flags: 24, offset: 4, address: 8, fileSize: 16, memorySize: 20, align: 28 },
    write: (bytes, at, value) => bytes.writeUInt32LE(value, at),
  },
  64: {
    ...{ ident: 2, ehdr: 64, phdr: 56, phoff: 32, ehsize: 52 },
    ...{ flags: 4, offset: 8, address: 16, fileSize: 32, memorySize: 40, align: 48 },
    write: (bytes, at, value) => {
      bytes.writeUInt32LE(value % 0x1_0000_0000, at);
      bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
    },
  },
};

/** e_phnum 0xffff means something else (PN_XNUM), and one header is the PT_NOTE. */
export const MAX_CORE_RANGES = 0xfffe - 1;

/** What a core says besides its memory. */
export interface CoreFacts {
  bits: 32 | 64;
  /** e_machine. */
  machine: number;
  /** All of them, as they stand in a PT_NOTE. */
  notes: Buffer;
}

/** Bytes of a core without its memory. */
export function coreOverhead({ bits, notes }: Pick<CoreFacts, 'bits' | 'notes'>, rangeCount: number): number {
  const { ehdr, phdr } = LAYOUTS[bits];
  return ehdr + phdr * (rangeCount + 1) + notes.length;
}

/**
 * Writes a core as gdb reads it: ELF header, one PT_NOTE, a PT_LOAD a range, notes, memory. A range is as long in
 * memory as in the file, or has nothing in the file: gdb takes that for zeros, so that what is not there must not be named.
 *
 * @param ranges Sorted and disjoint, at most {@link MAX_CORE_RANGES}, below 2^32 in a core of 32 bits.
 * @param fill Copies the memory of one range to a place in the core.
 */
export function writeCore(
  facts: CoreFacts,
  ranges: readonly CoreRange[],
  fill: (range: CoreRange, core: Buffer, at: number) => void,
): Buffer {
  const { bits, machine, notes } = facts;
  const layout = LAYOUTS[bits];
  const { ehdr, phdr, write } = layout;
  const head = coreOverhead(facts, ranges.length);
  let total = head;
  for (const range of ranges) total += fileBytesOf(range);
  const core = Buffer.allocUnsafeSlow(total);
  core.fill(0, 0, head - notes.length);
  // EI_CLASS, ELFDATA2LSB, EV_CURRENT; e_type ET_CORE.
  core.set([0x7f, 0x45, 0x4c, 0x46, layout.ident, 1, 1], 0);
  core.writeUInt16LE(4, 16);
  core.writeUInt16LE(machine, 18);
  core.writeUInt32LE(1, 20);
  write(core, layout.phoff, ehdr);
  core.writeUInt16LE(ehdr, layout.ehsize);
  core.writeUInt16LE(phdr, layout.ehsize + 2);
  core.writeUInt16LE(ranges.length + 1, layout.ehsize + 4);
  // PT_NOTE, padded to 4 bytes as the kernel's are.
  core.writeUInt32LE(4, ehdr);
  write(core, ehdr + layout.offset, head - notes.length);
  write(core, ehdr + layout.fileSize, notes.length);
  write(core, ehdr + layout.align, 4);
  core.set(notes, head - notes.length);
  let header = ehdr + phdr;
  let at = head;
  for (const range of ranges) {
    core.writeUInt32LE(1, header);
    core.writeUInt32LE(range.flags, header + layout.flags);
    write(core, header + layout.offset, at);
    write(core, header + layout.address, range.start);
    write(core, header + layout.fileSize, fileBytesOf(range));
    write(core, header + layout.memorySize, range.bytes);
    write(core, header + layout.align, 1);
    if (range.isZero !== true) fill(range, core, at);
    header += phdr;
    at += fileBytesOf(range);
  }
  return core;
}

function fileBytesOf({ bytes, isZero }: CoreRange): number {
  return isZero === true ? 0 : bytes;
}
