import { MAX_DYNAMIC_ENTRIES } from './dynamic-addresses.ts';
import type { ElfClass } from './elf/elf-class.ts';
import {
  dynamicRange,
  type ModuleHeaders,
  readModuleHeaders,
  readProgramHeadersAt,
} from './module-headers.ts';
import type { ProcessMemory } from './process-memory.ts';

/** An entry of the dynamic linker's list: struct link_map in link.h. */
export interface LinkMapEntry {
  /** Of the struct itself. */
  address: number;
  /** l_addr: what to add to the file's addresses. */
  base: number;
  nameAddress: number;
  /** l_name: empty for the executable. */
  name: Buffer;
  /** l_ld: the module's .dynamic. */
  dynamic: number;
}

/** What a debugger needs to find the modules again: memory, in the order in which it goes from one to the other. */
export interface LinkMap {
  executable: ModuleHeaders | null;
  /** r_debug structs: one, and one more for each dlmopen(3) namespace. */
  debugAddresses: number[];
  entries: LinkMapEntry[];
  /** False where the list was cut off or never ended. */
  isWhole: boolean;
  /** AT_SYSINFO_EHDR. */
  vdso: ModuleHeaders | null;
  warnings: string[];
}

/** a_type: getauxval(3). */
const AT_PHDR = 3n;
const AT_PHNUM = 5n;
const AT_SYSINFO_EHDR = 33n;

/** d_tag: elf(5). */
const DT_NULL = 0;
const DT_DEBUG = 21;

/**
 * In words, link.h of glibc. struct r_debug_extended: r_version, r_map, r_brk, r_state, r_ldbase, r_next. The public part
 * of struct link_map: l_addr, l_name, l_ld, l_next, l_prev.
 */
export const DEBUG_WORDS = 6;
const ENTRY_WORDS = 5;

/** Programs with 2,000 libraries exist. */
export const MAX_ENTRIES = 8192;
/** glibc has room for 16: DL_NNS. */
const MAX_NAMESPACES = 16;
/** PATH_MAX: the linker can open no longer one. */
const MAX_NAME_BYTES = 4096;

/**
 * Goes the way that a debugger goes: auxiliary vector, the executable's program headers, .dynamic, DT_DEBUG, r_debug,
 * link_map. A static executable has no list. Every step is bounded, a list that bites its own tail ends there.
 *
 * @param memory Everything that is mapped: nothing read here is kept.
 * @param elfClass The process's.
 */
export function readLinkMap(
  auxv: ReadonlyMap<bigint, bigint>,
  memory: ProcessMemory,
  elfClass: ElfClass,
): LinkMap {
  const list: LinkMap = {
    executable: null,
    debugAddresses: [],
    entries: [],
    isWhole: true,
    vdso: null,
    warnings: [],
  };
  const vdso = Number(auxv.get(AT_SYSINFO_EHDR) ?? 0n);
  if (vdso !== 0) list.vdso = readModuleHeaders(memory, vdso);
  const table = Number(auxv.get(AT_PHDR) ?? 0n);
  const count = Number(auxv.get(AT_PHNUM) ?? 0n);
  if (table === 0) {
    list.warnings.push('modules: no AT_PHDR, the executable was not found');
    return list;
  }
  // They follow the ELF header in everything that a linker writes.
  list.executable = readProgramHeadersAt(memory, table - elfClass.headerBytes, { elfClass, table, count });
  if (list.executable === null) {
    list.warnings.push('modules: the program headers of the executable are not readable');
    return list;
  }
  const { readWord, wordBytes } = elfClass;
  const seen = new Set<number>();
  let debug = debugAddress(memory, list.executable);
  while (debug !== 0 && list.debugAddresses.length < MAX_NAMESPACES && !seen.has(debug)) {
    seen.add(debug);
    list.debugAddresses.push(debug);
    const bytes = memory.read(debug, DEBUG_WORDS * wordBytes);
    if (bytes.length < DEBUG_WORDS * wordBytes) {
      list.warnings.push('modules: r_debug is not readable');
      list.isWhole = false;
      break;
    }
    readEntries(memory, readWord(bytes, wordBytes), { list, elfClass });
    // r_version 2: struct r_debug_extended, r_next.
    debug = bytes.readInt32LE(0) >= 2 ? readWord(bytes, 5 * wordBytes) : 0;
  }
  return list;
}

/** DT_DEBUG of the executable: 0 in a static one, and before the linker has run. */
function debugAddress(memory: ProcessMemory, executable: ModuleHeaders): number {
  const range = dynamicRange(executable);
  if (range === null) return 0;
  const { readWord, wordBytes } = executable.elfClass;
  const entryBytes = 2 * wordBytes;
  const bytes = memory.read(range.start, Math.min(range.bytes, MAX_DYNAMIC_ENTRIES * entryBytes));
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const tag = readWord(bytes, at);
    if (tag === DT_NULL) break;
    if (tag === DT_DEBUG) return readWord(bytes, at + wordBytes);
  }
  return 0;
}

function readEntries(
  memory: ProcessMemory,
  first: number,
  { list, elfClass }: { list: LinkMap; elfClass: ElfClass },
): void {
  const { readWord, wordBytes } = elfClass;
  const seen = new Set<number>();
  for (let address = first; address !== 0; ) {
    if (seen.has(address) || list.entries.length >= MAX_ENTRIES) {
      breakOff(list, `has no end, ${list.entries.length} entries were read`);
      return;
    }
    seen.add(address);
    const bytes = memory.read(address, ENTRY_WORDS * wordBytes);
    if (bytes.length < ENTRY_WORDS * wordBytes) {
      breakOff(list, `breaks off after ${list.entries.length} entries`);
      return;
    }
    const nameAddress = readWord(bytes, wordBytes);
    list.entries.push({
      address,
      base: readWord(bytes, 0),
      nameAddress,
      name: readName(memory, nameAddress),
      dynamic: readWord(bytes, 2 * wordBytes),
    });
    address = readWord(bytes, 3 * wordBytes);
  }
}

/** Said once: where the first of 16 namespaces is damaged, so are the others. */
function breakOff(list: LinkMap, how: string): void {
  if (list.isWhole) list.warnings.push(`modules: the linker's list ${how}`);
  list.isWhole = false;
}

function readName(memory: ProcessMemory, address: number): Buffer {
  if (address === 0) return Buffer.alloc(0);
  // Nearly all names fit into the short read, which seldom crosses a page.
  for (const length of [128, MAX_NAME_BYTES]) {
    const bytes = memory.read(address, length);
    const end = bytes.indexOf(0);
    // A copy: it outlives what was read.
    if (end !== -1) return Buffer.from(bytes.subarray(0, end));
    if (bytes.length < length) break;
  }
  return Buffer.alloc(0);
}
