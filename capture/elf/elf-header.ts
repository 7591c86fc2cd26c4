import { readAddress } from './read-address.ts';

/** sizeof(Elf64_Ehdr): elf(5). */
export const ELF_HEADER_BYTES = 64;

/** e_phnum's way of saying that the count does not fit; it then is sh_info of section header 0: elf(5). */
export const PN_XNUM = 0xffff;

/** e_type: ET_CORE. */
export const ET_CORE = 4;

/** What we use of an ELF header. */
export interface ElfHeader {
  /** False for 32-bit files, of which nothing but type and machine is read. */
  is64Bit: boolean;
  isLittleEndian: boolean;
  type: number;
  machine: number;
  /** Where the program headers are, in bytes from the file's beginning. */
  programHeadersOffset: number;
  /** Bytes of one program header: 56. */
  programHeaderBytes: number;
  /** {@link PN_XNUM} where there are more than fit. */
  programHeaderCount: number;
}

/**
 * Reads an ELF header: elf(5).
 *
 * @param bytes At least its first 20 bytes, for a 64-bit one all {@link ELF_HEADER_BYTES}.
 * @returns Null where it is none or cut short.
 */
export function readElfHeader(bytes: Buffer): ElfHeader | null {
  if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x7f454c46) return null;
  const isLittleEndian = bytes[5] === 1;
  const is64Bit = bytes[4] === 2;
  const header = {
    is64Bit,
    isLittleEndian,
    type: isLittleEndian ? bytes.readUInt16LE(16) : bytes.readUInt16BE(16),
    machine: isLittleEndian ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18),
  };
  if (!is64Bit || !isLittleEndian) {
    return { ...header, programHeadersOffset: 0, programHeaderBytes: 0, programHeaderCount: 0 };
  }
  if (bytes.length < ELF_HEADER_BYTES) return null;
  return {
    ...header,
    programHeadersOffset: readAddress(bytes, 32),
    programHeaderBytes: bytes.readUInt16LE(54),
    programHeaderCount: bytes.readUInt16LE(56),
  };
}
