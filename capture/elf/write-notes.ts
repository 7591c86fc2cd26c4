/** A note to write. */
export interface NoteToWrite {
  /** n_type. */
  type: number;
  /** `CORE` for the notes of elf(5), `LINUX` for those that came later. */
  name: 'CORE' | 'LINUX';
  value: Buffer;
}

/** sizeof(Elf64_Nhdr): elf(5). The readers share nothing with this file, see write-core.ts. */
const NHDR = 12;

/** Notes as they stand in a PT_NOTE: each part padded to 4 bytes, as the kernel writes them (elf(5)). */
export function writeNotes(notes: readonly NoteToWrite[]): Buffer {
  let total = 0;
  for (const note of notes) total += NHDR + padded(note.name.length + 1) + padded(note.value.length);
  const bytes = Buffer.alloc(total);
  let at = 0;
  for (const { type, name, value } of notes) {
    bytes.writeUInt32LE(name.length + 1, at);
    bytes.writeUInt32LE(value.length, at + 4);
    bytes.writeUInt32LE(type, at + 8);
    bytes.write(name, at + NHDR, 'latin1');
    value.copy(bytes, at + NHDR + padded(name.length + 1));
    at += NHDR + padded(name.length + 1) + padded(value.length);
  }
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
