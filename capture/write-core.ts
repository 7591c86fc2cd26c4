import type { Range } from './process-memory.ts';

/** elf(5), little endian, and ET_CORE, EM_X86_64, PT_LOAD, PT_NOTE; kept apart from the reader's on purpose. */
const HEADER = 64;
const ENTRY = 56;

/** A range of memory with its bytes. */
export interface CoreSegment extends Range {
  bytes: Buffer;
  /** PF_X 1, PF_W 2, PF_R 4. */
  flags: number;
}

/**
 * An ELF core that holds just these ranges, and the notes as the kernel wrote them.
 *
 * Ranges that are left out have no segment at all: one with a file size of 0 would make gdb read zeros.
 *
 * @param machine e_machine.
 * @param segments Sorted. More than 65,534 do not fit into e_phnum; the caller has a budget far below that.
 */
export function writeCore(machine: number, notes: Buffer, segments: readonly CoreSegment[]): Buffer {
  const count = segments.length + 1;
  if (count >= 0xffff) throw new RangeError(`${count} program headers do not fit into a core`);
  const notesAt = HEADER + count * ENTRY;
  const memoryAt = Math.ceil((notesAt + notes.length) / 16) * 16;
  const total = segments.reduce((bytes, segment) => bytes + segment.bytes.length, memoryAt);
  const core = Buffer.alloc(total);
  core.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  core.writeUInt16LE(4, 16);
  core.writeUInt16LE(machine, 18);
  core.writeUInt32LE(1, 20);
  core.writeUInt32LE(HEADER, 32);
  core.writeUInt16LE(HEADER, 52);
  core.writeUInt16LE(ENTRY, 54);
  core.writeUInt16LE(count, 56);
  const header = (index: number, type: number, flags: number, fields: readonly number[]) => {
    const at = HEADER + index * ENTRY;
    core.writeUInt32LE(type, at);
    core.writeUInt32LE(flags, at + 4);
    for (const [position, value] of fields.entries())
      core.writeBigUInt64LE(BigInt(value), at + 8 + position * 8);
  };
  // Offset, virtual and physical address, bytes in the file and in memory, alignment.
  header(0, 4, 0, [notesAt, 0, 0, notes.length, 0, 1]);
  core.set(notes, notesAt);
  let offset = memoryAt;
  for (const [index, { start, bytes, flags }] of segments.entries()) {
    header(index + 1, 1, flags, [offset, start, 0, bytes.length, bytes.length, 1]);
    core.set(bytes, offset);
    offset += bytes.length;
  }
  return core;
}
