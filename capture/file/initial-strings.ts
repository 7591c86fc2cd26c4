import { readAddress } from '../elf/read-address.ts';
import type { ProcessMemory } from '../process-memory.ts';

/** Command line and environment as the kernel laid them on the stack of a new program, each string ended by NUL. */
export interface InitialStrings {
  cmdline: Buffer;
  environ: Buffer;
}

/** a_type: getauxval(3). */
const AT_RANDOM = 25n;

/** How far below AT_RANDOM's bytes the auxiliary vector is looked for: it lies right there, behind it the pointers. */
const SEARCHED_BYTES = 64 * 1024;
const VECTOR_ENTRY_BYTES = 16;
/** Pointers of both lists together that are followed, and bytes of a string; MAX_ARG_STRLEN is 128 KiB. */
const MAX_STRINGS = 4096;
const MAX_STRING_BYTES = 128 * 1024;
const STRING_PIECE_BYTES = 256;
const WORD = 8;

/**
 * Finds both without /proc, by the order of a new program's stack (fs/binfmt_elf.c, create_elf_tables()): from low to high
 * argc, argv, 0, envp, 0, the auxiliary vector, and some bytes behind it those of AT_RANDOM.
 *
 * @param auxv As the core's notes have it: that is how the place is known.
 * @returns Null where the stack's end is not in the core, or has been written over.
 */
export function readInitialStrings(
  auxv: ReadonlyMap<bigint, bigint>,
  memory: ProcessMemory,
): InitialStrings | null {
  const [first] = auxv;
  const random = auxv.get(AT_RANDOM);
  if (first === undefined || random === undefined) return null;
  const vector = findVector(first, Number(random), memory);
  if (vector === null) return null;
  const environment = pointersBelow(vector - WORD, memory);
  if (environment === null) return null;
  const words = pointersBelow(environment.start - WORD, memory);
  if (words === null) return null;
  // argc stands before argv, and says whether all of this is what it seems.
  const count = memory.read(words.start - WORD, WORD);
  if (count.length < WORD || readAddress(count, 0) !== words.pointers.length) return null;
  return { cmdline: stringsAt(words.pointers, memory), environ: stringsAt(environment.pointers, memory) };
}

/** Address of the auxiliary vector in memory, by its first entry. */
function findVector([type, value]: [bigint, bigint], random: number, memory: ProcessMemory): number | null {
  const entry = Buffer.alloc(VECTOR_ENTRY_BYTES);
  entry.writeBigUInt64LE(BigInt.asUintN(64, type), 0);
  entry.writeBigUInt64LE(BigInt.asUintN(64, value), WORD);
  // As much as there is: the stack may begin nearer.
  for (let bytes = SEARCHED_BYTES; bytes >= VECTOR_ENTRY_BYTES; bytes /= 2) {
    const start = random - bytes;
    if (start < 0) continue;
    const below = memory.read(start, bytes);
    if (below.length < bytes) continue;
    const at = below.lastIndexOf(entry);
    return at === -1 ? null : start + at;
  }
  return null;
}

/** A list of pointers, from the 0 that ends it downwards to the 0, or the argc, before it. */
function pointersBelow(end: number, memory: ProcessMemory): { start: number; pointers: number[] } | null {
  const last = memory.read(end, WORD);
  if (last.length < WORD || readAddress(last, 0) !== 0) return null;
  const pointers: number[] = [];
  for (let at = end - WORD; pointers.length < MAX_STRINGS; at -= WORD) {
    const word = memory.read(at, WORD);
    if (word.length < WORD) return null;
    const value = readAddress(word, 0);
    // Below it nothing is mapped (vm.mmap_min_addr): the 0 of the list before, or argc.
    if (value < MIN_ADDRESS) return { start: at + WORD, pointers };
    pointers.unshift(value);
  }
  return null;
}

const MIN_ADDRESS = 0x10000;

function stringsAt(pointers: readonly number[], memory: ProcessMemory): Buffer {
  const parts: Buffer[] = [];
  for (const pointer of pointers) parts.push(stringAt(pointer, memory), Buffer.alloc(1));
  return Buffer.concat(parts);
}

function stringAt(address: number, memory: ProcessMemory): Buffer {
  const parts: Buffer[] = [];
  for (let length = 0; length < MAX_STRING_BYTES; ) {
    const bytes = memory.read(address + length, STRING_PIECE_BYTES);
    const end = bytes.indexOf(0);
    parts.push(Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)));
    length += bytes.length;
    if (end !== -1 || bytes.length < STRING_PIECE_BYTES) break;
  }
  return Buffer.concat(parts);
}
