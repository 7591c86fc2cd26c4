/** Sizes and numbers of 64-bit ELF core files: elf(5), linux/elfcore.h. All little endian. */
export const ELF_HEADER_BYTES = 64;
export const PROGRAM_HEADER_BYTES = 56;
export const ET_CORE = 4;
export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_NOTE = 4;
/** e_phnum where the real count does not fit: the kernel writes it into a section header at the end. */
export const PN_XNUM = 0xffff;

/** Note types of the owner CORE. */
export const NT_PRSTATUS = 1;
export const NT_PRPSINFO = 3;
export const NT_AUXV = 6;
export const NT_FILE = 0x46494c45;
export const NT_SIGINFO = 0x53494749;

/** Magic, 64-bit, little endian, version 1. */
export const ELF_IDENT = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
