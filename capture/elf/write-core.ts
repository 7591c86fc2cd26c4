/** Memory that a core shall hold. */
export interface CoreRange {
  start: number;
  bytes: number;
  /** PF_X 1, PF_W 2, PF_R 4. */
  flags: number;
}

/** elf(5). This file shares nothing with the readers, so that a mistake in one cannot hide in the other. */
const EHDR = 64;
const PHDR = 56;
/** e_phnum 0xffff means something else (PN_XNUM), and one header is the PT_NOTE. */
export const MAX_CORE_RANGES = 0xfffe - 1;

/** Bytes of a core without its memory. */
export function coreOverhead(noteBytes: number, rangeCount: number): number {
  return EHDR + PHDR * (rangeCount + 1) + noteBytes;
}

/**
 * Writes a core as gdb reads it: ELF header, one PT_NOTE, a PT_LOAD a range, notes, memory. A range is as long in
 * memory as in the file: gdb takes a PT_LOAD without file bytes for zeros, so that what is not there must not be named.
 *
 * @param ranges Sorted and disjoint, at most {@link MAX_CORE_RANGES}.
 * @param fill Copies the memory of one range to a place in the core.
 */
export function writeCore(
  { machine, notes }: { machine: number; notes: Buffer },
  ranges: readonly CoreRange[],
  fill: (range: CoreRange, core: Buffer, at: number) => void,
): Buffer {
  const head = coreOverhead(notes.length, ranges.length);
  let total = head;
  for (const { bytes } of ranges) total += bytes;
  const core = Buffer.allocUnsafeSlow(total);
  core.fill(0, 0, head - notes.length);
  // ELFCLASS64, ELFDATA2LSB, EV_CURRENT; e_type ET_CORE.
  core.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  core.writeUInt16LE(4, 16);
  core.writeUInt16LE(machine, 18);
  core.writeUInt32LE(1, 20);
  writeWord(core, 32, EHDR);
  core.writeUInt16LE(EHDR, 52);
  core.writeUInt16LE(PHDR, 54);
  core.writeUInt16LE(ranges.length + 1, 56);
  // PT_NOTE, padded to 4 bytes as the kernel's are.
  core.writeUInt32LE(4, EHDR);
  writeWord(core, EHDR + 8, head - notes.length);
  writeWord(core, EHDR + 32, notes.length);
  writeWord(core, EHDR + 48, 4);
  core.set(notes, head - notes.length);
  let header = EHDR + PHDR;
  let at = head;
  for (const range of ranges) {
    core.writeUInt32LE(1, header);
    core.writeUInt32LE(range.flags, header + 4);
    writeWord(core, header + 8, at);
    writeWord(core, header + 16, range.start);
    writeWord(core, header + 32, range.bytes);
    writeWord(core, header + 40, range.bytes);
    writeWord(core, header + 48, 1);
    fill(range, core, at);
    header += PHDR;
    at += range.bytes;
  }
  return core;
}

function writeWord(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value % 0x1_0000_0000, at);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), at + 4);
}
