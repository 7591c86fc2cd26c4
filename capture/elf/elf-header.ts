import { type ElfClass, elfClassByIdent } from './elf-class.ts';
import { ELF_MAGIC } from './elf-magic.ts';

/** sizeof(Elf64_Ehdr) and, less, sizeof(Elf32_Ehdr): elf(5). */
export const MAX_ELF_HEADER_BYTES = 64;
export const MIN_ELF_HEADER_BYTES = 52;

/** e_phnum's way of saying that the count does not fit; it then is sh_info of section header 0: elf(5). */
export const PN_XNUM = 0xffff;

/** e_type: ET_CORE. */
export const ET_CORE = 4;

/** What we use of an ELF header. */
export interface ElfHeader {
  /** Null for what is neither of 32 nor of 64 bits. Of that, and of big-endian files, only type and machine are read. */
  elfClass: ElfClass | null;
  isLittleEndian: boolean;
  type: number;
  machine: number;
  /** Where the program headers are, in bytes from the file's beginning. */
  programHeadersOffset: number;
  /** Bytes of one program header, as the file says. */
  programHeaderBytes: number;
  /** {@link PN_XNUM} where there are more than fit. */
  programHeaderCount: number;
}

/**
 * Reads an ELF header: elf(5).
 *
 * @param bytes From its beginning, {@link MAX_ELF_HEADER_BYTES} or more; fewer are enough for one of 32 bits.
 * @returns Null where it is none or cut short.
 */
export function readElfHeader(bytes: Buffer): ElfHeader | null {
  if (bytes.length < 20 || !bytes.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC)) return null;
  const isLittleEndian = bytes[5] === 1;
  const elfClass = elfClassByIdent(bytes[4]);
  const header = {
    elfClass,
    isLittleEndian,
    type: isLittleEndian ? bytes.readUInt16LE(16) : bytes.readUInt16BE(16),
    machine: isLittleEndian ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18),
  };
  if (elfClass === null || !isLittleEndian) {
    return { ...header, programHeadersOffset: 0, programHeaderBytes: 0, programHeaderCount: 0 };
  }
  if (bytes.length < elfClass.headerBytes) return null;
  const { programHeadersOffset, programHeaderBytes, programHeaderCount } = elfClass.header;
  return {
    ...header,
    programHeadersOffset: elfClass.readWord(bytes, programHeadersOffset),
    programHeaderBytes: bytes.readUInt16LE(programHeaderBytes),
    programHeaderCount: bytes.readUInt16LE(programHeaderCount),
  };
}
