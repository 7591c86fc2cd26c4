import type { ElfClass } from './elf-class.ts';

/** p_type: elf(5). */
export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PT_NOTE = 4;
export const PT_PHDR = 6;

/** p_flags. */
export const PF_X = 1;
export const PF_W = 2;

/** A program header. Values above 2^53 are not exact (see readAddress). */
export interface ProgramHeader {
  type: number;
  flags: number;
  /** Bytes from the file's beginning. */
  offset: number;
  address: number;
  fileBytes: number;
  memoryBytes: number;
}

/** Reads the program header at `at`; `bytes` must hold the class's `programHeaderBytes` from there. */
export function readProgramHeader(
  bytes: Buffer,
  at: number,
  { programHeader, readWord }: ElfClass,
): ProgramHeader {
  return {
    type: bytes.readUInt32LE(at),
    flags: bytes.readUInt32LE(at + programHeader.flags),
    offset: readWord(bytes, at + programHeader.offset),
    address: readWord(bytes, at + programHeader.address),
    fileBytes: readWord(bytes, at + programHeader.fileBytes),
    memoryBytes: readWord(bytes, at + programHeader.memoryBytes),
  };
}
