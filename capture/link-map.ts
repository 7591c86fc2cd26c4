import type { CoreHead } from './captured.ts';
import { PROGRAM_HEADER_BYTES, PT_DYNAMIC } from './elf-core.ts';
import type { Address, DumpedMemory, Range } from './process-memory.ts';

/** Auxiliary vector entries: getauxval(3). */
const AT_PHDR = 3n;
const AT_PHNUM = 5n;
const AT_SYSINFO_EHDR = 33n;
/** Program header and dynamic entry types (elf.h). */
const PT_PHDR = 6;
const DT_DEBUG = 21;
const MAX_PROGRAM_HEADERS = 64;
const MAX_DYNAMIC_ENTRIES = 512;
/** A program with more libraries than this exists only to hurt us. */
const MAX_MODULES = 4096;
/** struct link_map (link.h): l_addr, l_name, l_ld, l_next, l_prev, and the private words that gdb may look at. */
const LINK_MAP_BYTES = 40;
const R_DEBUG_BYTES = 40;
const MAX_NAME_BYTES = 4096;

/** An entry of the dynamic linker's list. */
export interface LinkMapEntry {
  /** l_addr */
  base: Address;
  /** l_name; empty for the executable. */
  name: Buffer;
  /** l_ld: its dynamic section. */
  dynamic: Address;
}

/** What the auxiliary vector and the dynamic linker say about the loaded files. */
export interface LinkMap {
  /** l_addr of the executable: 0 unless it is position independent. */
  executableBase: Address;
  entries: LinkMapEntry[];
  vdso: Address | null;
  /** Memory that a debugger walks to find the same. */
  visited: Range[];
}

/**
 * Follows the list that the dynamic linker keeps for debuggers: AT_PHDR, the executable's PT_DYNAMIC, DT_DEBUG,
 * r_debug, link_map (link.h). A static executable has none, and a damaged process may have any nonsense: the list ends
 * where it stops making sense, or comes back to where it was.
 */
export function readLinkMap(head: Pick<CoreHead, 'auxv'>, memory: DumpedMemory): LinkMap {
  const visited: Range[] = [];
  const vdso = Number(head.auxv.get(AT_SYSINFO_EHDR) ?? 0n) || null;
  const headersAt = Number(head.auxv.get(AT_PHDR) ?? 0n);
  const count = Math.min(Number(head.auxv.get(AT_PHNUM) ?? 0n), MAX_PROGRAM_HEADERS);
  const result: LinkMap = { executableBase: 0, entries: [], vdso, visited };
  const headers = memory.read(headersAt, count * PROGRAM_HEADER_BYTES);
  visited.push({ start: headersAt, end: headersAt + headers.length });
  const addressOf = (type: number) => {
    for (let at = 0; at + PROGRAM_HEADER_BYTES <= headers.length; at += PROGRAM_HEADER_BYTES) {
      if (headers.readUInt32LE(at) === type) return Number(headers.readBigUInt64LE(at + 16));
    }
    return null;
  };
  const ownHeaders = addressOf(PT_PHDR);
  if (ownHeaders !== null) result.executableBase = headersAt - ownHeaders;
  const dynamic = addressOf(PT_DYNAMIC);
  if (dynamic === null) return result;
  const debug = findDebug(memory, result.executableBase + dynamic, visited);
  if (debug === null) return result;
  visited.push({ start: debug, end: debug + R_DEBUG_BYTES });
  const seen = new Set<Address>();
  let at = memory.word(debug + 8);
  while (at !== null && at !== 0 && !seen.has(at) && seen.size < MAX_MODULES) {
    seen.add(at);
    const [base, nameAt, entryDynamic, next] = [0, 8, 16, 24].map((offset) =>
      memory.word((at ?? 0) + offset),
    );
    if (base === undefined || base === null || nameAt === undefined || nameAt === null) break;
    visited.push({ start: at, end: at + LINK_MAP_BYTES });
    const name = untilNul(memory.read(nameAt, MAX_NAME_BYTES));
    visited.push({ start: nameAt, end: nameAt + name.length + 1 });
    result.entries.push({ base, name, dynamic: entryDynamic ?? 0 });
    at = next ?? null;
  }
  return result;
}

/** The address of r_debug: the linker writes it into the executable's own DT_DEBUG entry. */
function findDebug(memory: DumpedMemory, dynamic: Address, visited: Range[]): Address | null {
  for (let index = 0; index < MAX_DYNAMIC_ENTRIES; index += 1) {
    const tag = memory.word(dynamic + index * 16);
    if (tag === null || tag === 0) {
      visited.push({ start: dynamic, end: dynamic + (index + 1) * 16 });
      return null;
    }
    if (tag !== DT_DEBUG) continue;
    // gdb reads the section to its end.
    visited.push({ start: dynamic, end: dynamic + MAX_DYNAMIC_ENTRIES });
    return memory.word(dynamic + index * 16 + 8) || null;
  }
  return null;
}

function untilNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0);
  return nul === -1 ? bytes : bytes.subarray(0, nul);
}
