import type { ElfClass } from './elf/elf-class.ts';
import { MAX_ELF_HEADER_BYTES, readElfHeader } from './elf/elf-header.ts';
import {
  type ProgramHeader,
  PT_DYNAMIC,
  PT_INTERP,
  PT_LOAD,
  PT_NOTE,
  PT_PHDR,
  readProgramHeader,
} from './elf/program-header.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { ProcessMemory } from './process-memory.ts';

/** Programs and libraries have about 14. Of one that was made by hand with more, what follows these is not known. */
const MAX_PROGRAM_HEADERS = 128;
/** No program is larger than this: an end beyond it is garbage. */
const MAX_MODULE_BYTES = 2 ** 40;

/** The program headers of a loaded executable or library, in memory terms. */
export interface ModuleHeaders {
  elfClass: ElfClass;
  /** Where its ELF header is. */
  address: number;
  /** What to add to the file's addresses. */
  base: number;
  start: number;
  end: number;
  headers: readonly ProgramHeader[];
  /** Bytes from `address` on in which header, program headers, build-id and interpreter name lie: one page at most. */
  headBytes: number;
}

/**
 * Reads the program headers of the module whose ELF header is mapped at `address`.
 *
 * @returns Null where there is none.
 */
export function readModuleHeaders(memory: ProcessMemory, address: number): ModuleHeaders | null {
  const header = readElfHeader(memory.read(address, MAX_ELF_HEADER_BYTES));
  const elfClass = header?.elfClass ?? null;
  if (header === null || elfClass === null || header.programHeaderBytes !== elfClass.programHeaderBytes)
    return null;
  return readProgramHeadersAt(memory, address, {
    elfClass,
    table: address + header.programHeadersOffset,
    count: header.programHeaderCount,
  });
}

/**
 * The same where the program headers are known, as the executable's are from AT_PHDR and AT_PHNUM (getauxval(3)).
 *
 * @param address Of the ELF header.
 */
export function readProgramHeadersAt(
  memory: ProcessMemory,
  address: number,
  { elfClass, table, count }: { elfClass: ElfClass; table: number; count: number },
): ModuleHeaders | null {
  const { programHeaderBytes } = elfClass;
  const bytes = memory.read(table, Math.min(count, MAX_PROGRAM_HEADERS) * programHeaderBytes);
  const headers: ProgramHeader[] = [];
  for (let at = 0; at + programHeaderBytes <= bytes.length; at += programHeaderBytes) {
    headers.push(readProgramHeader(bytes, at, elfClass));
  }
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const first = loads[0];
  if (first === undefined) return null;
  const own = headers.find(({ type }) => type === PT_PHDR);
  // The executable's own word for where its headers are; without PT_PHDR, the first segment begins with the header.
  const base = own === undefined ? address - (first.address - first.offset) : table - own.address;
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const load of loads) {
    start = Math.min(start, load.address);
    end = Math.max(end, load.address + load.memoryBytes);
  }
  if (!Number.isSafeInteger(base + end) || end - start > MAX_MODULE_BYTES) return null;
  let headBytes = table - address + bytes.length;
  for (const { type, offset, fileBytes } of headers) {
    const isWanted = type === PT_NOTE || type === PT_INTERP;
    if (isWanted && offset + fileBytes <= PAGE_BYTES) headBytes = Math.max(headBytes, offset + fileBytes);
  }
  return {
    elfClass,
    address,
    base,
    start: base + Math.floor(start / PAGE_BYTES) * PAGE_BYTES,
    end: base + Math.ceil(end / PAGE_BYTES) * PAGE_BYTES,
    headers,
    headBytes: Math.min(headBytes, PAGE_BYTES),
  };
}

/** Where the module's .dynamic is in memory. */
export function dynamicRange({ headers, base }: ModuleHeaders): { start: number; bytes: number } | null {
  const dynamic = headers.find(({ type }) => type === PT_DYNAMIC);
  return dynamic === undefined ? null : { start: base + dynamic.address, bytes: dynamic.memoryBytes };
}
