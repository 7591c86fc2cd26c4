import { readSync } from 'node:fs';
import { ELF_HEADER_BYTES, PROGRAM_HEADER_BYTES, PT_NOTE } from './elf-core.ts';

/** NT_GNU_BUILD_ID of the owner GNU (elf.h). */
const NT_GNU_BUILD_ID = 3;
const MAX_NOTE_BYTES = 4096;
const MAX_PROGRAM_HEADERS = 64;
/** sha1 is 20 bytes; --build-id=0x... allows any number. */
const MAX_BUILD_ID_BYTES = 64;

/** Gives `length` bytes from an offset of an ELF file or of its image in memory, fewer where there are no more. */
export type ElfReader = (offset: number, length: number) => Buffer;

/**
 * The build-id of an ELF file or loaded image.
 *
 * @param read By file offset for a file; for an image in memory by the address relative to its first page, with
 *   `isImage`.
 * @returns Lower-case hex; null where there is none, or nothing that is ELF.
 */
export function readBuildId(read: ElfReader, isImage: boolean): string | null {
  const header = read(0, ELF_HEADER_BYTES);
  if (header.length < ELF_HEADER_BYTES || header.readUInt32BE(0) !== 0x7f454c46) return null;
  const count = Math.min(header.readUInt16LE(56), MAX_PROGRAM_HEADERS);
  const headers = read(Number(header.readBigUInt64LE(32)), count * PROGRAM_HEADER_BYTES);
  // An image's addresses count from the first loaded page, which a non-PIE executable places elsewhere than 0.
  const base = isImage ? firstAddress(headers) : 0;
  for (let at = 0; at + PROGRAM_HEADER_BYTES <= headers.length; at += PROGRAM_HEADER_BYTES) {
    if (headers.readUInt32LE(at) !== PT_NOTE) continue;
    const offset = Number(headers.readBigUInt64LE(at + (isImage ? 16 : 8))) - base;
    const bytes = Math.min(Number(headers.readBigUInt64LE(at + 32)), MAX_NOTE_BYTES);
    if (!(offset >= 0 && Number.isSafeInteger(offset))) continue;
    const found = buildIdIn(read(offset, bytes));
    if (found !== null) return found;
  }
  return null;
}

/** {@link readBuildId} of an open file. */
export function readFileBuildId(fd: number): string | null {
  return readBuildId((offset, length) => {
    if (!Number.isSafeInteger(offset)) return Buffer.alloc(0);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  }, false);
}

function firstAddress(headers: Buffer): number {
  for (let at = 0; at + PROGRAM_HEADER_BYTES <= headers.length; at += PROGRAM_HEADER_BYTES) {
    if (headers.readUInt32LE(at) === 1) {
      return Number(headers.readBigUInt64LE(at + 16) - headers.readBigUInt64LE(at + 8));
    }
  }
  return 0;
}

function buildIdIn(notes: Buffer): string | null {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameBytes = notes.readUInt32LE(at);
    const bytes = notes.readUInt32LE(at + 4);
    const begin = at + 12 + Math.ceil(nameBytes / 4) * 4;
    const isGnu = nameBytes === 4 && notes.toString('latin1', at + 12, at + 15) === 'GNU';
    if (isGnu && notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID) {
      const isWhole = bytes > 0 && bytes <= MAX_BUILD_ID_BYTES && begin + bytes <= notes.length;
      return isWhole ? notes.toString('hex', begin, begin + bytes) : null;
    }
    at = begin + Math.ceil(bytes / 4) * 4;
  }
  return null;
}
