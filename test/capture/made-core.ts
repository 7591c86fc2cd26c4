/** elf(5): sizeof(Elf64_Ehdr), sizeof(Elf64_Phdr). This file shares nothing with the readers. */
const EHDR = 64;
const PHDR = 56;

/** A core as anybody could write it: what is not told is right. */
export interface MadeCore {
  notes?: Buffer;
  segments?: readonly { start: bigint; bytes: bigint; fileBytes?: bigint }[];
  /** e_phnum. */
  count?: number;
  /** What the program header says of the notes. */
  noteBytes?: bigint;
  noteOffset?: bigint;
}

/** ELF header, a PT_NOTE, PT_LOADs, the notes; no memory. */
export function madeCore(options: MadeCore): Buffer {
  const { notes = Buffer.alloc(0), segments = [] } = options;
  const headers = Buffer.alloc(EHDR + PHDR * (segments.length + 1));
  headers.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  headers.writeUInt16LE(4, 16);
  headers.writeUInt16LE(62, 18);
  headers.writeBigUInt64LE(BigInt(EHDR), 32);
  headers.writeUInt16LE(PHDR, 54);
  headers.writeUInt16LE(options.count ?? segments.length + 1, 56);
  headers.writeUInt32LE(4, EHDR);
  headers.writeBigUInt64LE(options.noteOffset ?? BigInt(headers.length), EHDR + 8);
  headers.writeBigUInt64LE(options.noteBytes ?? BigInt(notes.length), EHDR + 32);
  for (const [index, { start, bytes, fileBytes = bytes }] of segments.entries()) {
    const at = EHDR + PHDR * (index + 1);
    headers.writeUInt32LE(1, at);
    headers.writeUInt32LE(6, at + 4);
    headers.writeBigUInt64LE(start, at + 16);
    headers.writeBigUInt64LE(fileBytes, at + 32);
    headers.writeBigUInt64LE(bytes, at + 40);
  }
  return Buffer.concat([headers, notes]);
}

/** A note named `CORE`, or with another name of four letters. */
export function note(type: number, value: Buffer, name = 'CORE'): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt32LE(5, 0);
  header.writeUInt32LE(value.length, 4);
  header.writeUInt32LE(type, 8);
  header.write(name, 12);
  return Buffer.concat([header, value]);
}
