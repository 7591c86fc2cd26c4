import { readSync } from 'node:fs';

/** sizeof(Elf64_Ehdr), sizeof(Elf64_Phdr): elf(5). */
const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const PT_NOTE = 4;
const NT_GNU_BUILD_ID = 3;
/** Program headers looked at; linkers make a dozen. */
const MAX_PROGRAM_HEADERS = 128;
/** A note segment is some hundred bytes. */
const MAX_NOTE_BYTES = 64 * 1024;

/**
 * The build-id of an ELF file of 64 bits, little-endian: gdb takes a file that is not the one that crashed without a word.
 *
 * @param fd Of a regular file; read by position, so its own position stays.
 * @returns Lower-case hex; null where the file has none or is no such ELF.
 * @throws Node's error where the file cannot be read.
 */
export function readFileBuildId(fd: number): string | null {
  const header = read(fd, 0, HEADER_BYTES);
  if (header === null || header.readUInt32BE(0) !== 0x7f454c46 || header.readUInt16BE(4) !== 0x0201)
    return null;
  const count = Math.min(header.readUInt16LE(56), MAX_PROGRAM_HEADERS);
  if (header.readUInt16LE(54) !== PROGRAM_HEADER_BYTES) return null;
  const table = read(fd, Number(header.readBigUInt64LE(32)), count * PROGRAM_HEADER_BYTES);
  if (table === null) return null;
  for (let at = 0; at + PROGRAM_HEADER_BYTES <= table.length; at += PROGRAM_HEADER_BYTES) {
    if (table.readUInt32LE(at) !== PT_NOTE) continue;
    const bytes = Math.min(Number(table.readBigUInt64LE(at + 32)), MAX_NOTE_BYTES);
    const notes = read(fd, Number(table.readBigUInt64LE(at + 8)), bytes);
    const buildId = notes === null ? null : buildIdIn(notes);
    if (buildId !== null) return buildId;
  }
  return null;
}

function read(fd: number, position: number, bytes: number): Buffer | null {
  if (!Number.isSafeInteger(position)) return null;
  const buffer = Buffer.alloc(bytes);
  return readSync(fd, buffer, 0, bytes, position) === bytes ? buffer : null;
}

function buildIdIn(notes: Buffer): string | null {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameBytes = notes.readUInt32LE(at);
    const valueBytes = notes.readUInt32LE(at + 4);
    const value = at + 12 + Math.ceil(nameBytes / 4) * 4;
    const isBuildId =
      notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID &&
      notes.toString('latin1', at + 12, at + 16) === 'GNU\0';
    if (isBuildId && nameBytes === 4 && value + valueBytes <= notes.length) {
      return notes.toString('hex', value, value + valueBytes);
    }
    at = value + Math.ceil(valueBytes / 4) * 4;
  }
  return null;
}
