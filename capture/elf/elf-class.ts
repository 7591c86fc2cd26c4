import { readAddress } from './read-address.ts';

/** What differs between ELF files, and between processes, of 32 and of 64 bits; all in bytes: elf(5). */
export interface ElfClass {
  bits: 32 | 64;
  /** A pointer, a long, an Elf_Addr, an Elf_Off, an entry of the auxiliary vector's pairs. */
  wordBytes: 4 | 8;
  /** sizeof(Ehdr), sizeof(Phdr). */
  headerBytes: number;
  programHeaderBytes: number;
  /** Where the fields of an ELF header are. */
  header: {
    programHeadersOffset: number;
    sectionHeadersOffset: number;
    programHeaderBytes: number;
    programHeaderCount: number;
  };
  /** Where sh_info is in a section header. */
  sectionInfo: number;
  /** Where those of a program header are; p_type is at 0. */
  programHeader: { flags: number; offset: number; address: number; fileBytes: number; memoryBytes: number };
  /** A word as a number; see readAddress. `bytes` must hold it from `at` on. */
  readWord(bytes: Buffer, at: number): number;
  /** A word exactly. */
  readBigWord(bytes: Buffer, at: number): bigint;
  /** A word of memory that is at hand in pieces of 32 bits, of which `index` is the first: much faster in cold code. */
  wordIn(words: Uint32Array, index: number): number;
}

/** ELFCLASS64 */
export const elf64: ElfClass = {
  bits: 64,
  wordBytes: 8,
  headerBytes: 64,
  programHeaderBytes: 56,
  header: {
    programHeadersOffset: 32,
    sectionHeadersOffset: 40,
    programHeaderBytes: 54,
    programHeaderCount: 56,
  },
  sectionInfo: 44,
  programHeader: { flags: 4, offset: 8, address: 16, fileBytes: 32, memoryBytes: 40 },
  readWord: readAddress,
  readBigWord: (bytes, at) => bytes.readBigUInt64LE(at),
  wordIn: (words, index) => (words[index + 1] ?? 0) * 0x1_0000_0000 + (words[index] ?? 0),
};

/** ELFCLASS32 */
export const elf32: ElfClass = {
  bits: 32,
  wordBytes: 4,
  headerBytes: 52,
  programHeaderBytes: 32,
  header: {
    programHeadersOffset: 28,
    sectionHeadersOffset: 32,
    programHeaderBytes: 42,
    programHeaderCount: 44,
  },
  sectionInfo: 28,
  programHeader: { flags: 24, offset: 4, address: 8, fileBytes: 16, memoryBytes: 20 },
  readWord: (bytes, at) => bytes.readUInt32LE(at),
  readBigWord: (bytes, at) => BigInt(bytes.readUInt32LE(at)),
  wordIn: (words, index) => words[index] ?? 0,
};

/** The class of files and processes of so many bits. */
export function elfClassOf(bits: 32 | 64): ElfClass {
  return bits === 64 ? elf64 : elf32;
}

/** The class that EI_CLASS names (ELFCLASS32 1, ELFCLASS64 2), null for any other. */
export function elfClassByIdent(ident: number | undefined): ElfClass | null {
  return ident === 2 ? elf64 : ident === 1 ? elf32 : null;
}
