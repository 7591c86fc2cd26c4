import type { ElfClass } from '../elf/elf-class.ts';
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
/** Pointers of both lists together that are followed, and bytes of a string; MAX_ARG_STRLEN is 128 KiB. */
const MAX_STRINGS = 4096;
const MAX_STRING_BYTES = 128 * 1024;
/** Bytes of all strings of a list, as of the file in /proc: in a core that lies all may lead to the same long one. */
const MAX_LIST_BYTES = 1024 * 1024;
const STRING_PIECE_BYTES = 256;
/** Below it nothing is mapped (vm.mmap_min_addr): the 0 that ends a list, or argc. */
const MIN_ADDRESS = 0x10000;

/**
 * Finds both without /proc, by the order of a new program's stack (fs/binfmt_elf.c, create_elf_tables()): from low to high
 * argc, argv, 0, envp, 0, the auxiliary vector, and some bytes behind it those of AT_RANDOM.
 *
 * @param auxv As the core's notes have it: that is how the place is known.
 * @param elfClass Of the process.
 * @returns Null where the stack's end is not in the core, or has been written over.
 */
export function readInitialStrings(
  auxv: ReadonlyMap<bigint, bigint>,
  memory: ProcessMemory,
  elfClass: ElfClass,
): InitialStrings | null {
  const [first] = auxv;
  const random = auxv.get(AT_RANDOM);
  if (first === undefined || random === undefined) return null;
  const stack = new StackEnd(memory, elfClass);
  const vector = stack.find(first, Number(random));
  const environment = vector === null ? null : stack.pointersBelow(vector);
  const words = environment === null ? null : stack.pointersBelow(environment.start);
  // argc stands before argv, and says whether all of this is what it seems.
  if (environment === null || words === null || stack.wordBelow(words.start) !== words.pointers.length)
    return null;
  return { cmdline: stringsAt(words.pointers, memory), environ: stringsAt(environment.pointers, memory) };
}

/** What the kernel laid at the end of the first stack. */
class StackEnd {
  readonly #memory: ProcessMemory;
  readonly #class: ElfClass;

  constructor(memory: ProcessMemory, elfClass: ElfClass) {
    this.#memory = memory;
    this.#class = elfClass;
  }

  /** Where the auxiliary vector begins, by its first entry. */
  find([type, value]: readonly [bigint, bigint], random: number): number | null {
    const { wordBytes, bits } = this.#class;
    const entry = Buffer.alloc(2 * wordBytes);
    for (const [index, word] of [type, value].entries()) {
      if (bits === 64) entry.writeBigUInt64LE(BigInt.asUintN(64, word), index * wordBytes);
      else entry.writeUInt32LE(Number(BigInt.asUintN(32, word)), index * wordBytes);
    }
    // As much as there is: the stack may begin nearer.
    for (let bytes = SEARCHED_BYTES; bytes >= entry.length; bytes /= 2) {
      const start = random - bytes;
      const below = start < 0 ? Buffer.alloc(0) : this.#memory.read(start, bytes);
      if (below.length < bytes) continue;
      const at = below.lastIndexOf(entry);
      return at === -1 ? null : start + at;
    }
    return null;
  }

  /** The word that ends at `address`; null where there is none. */
  wordBelow(address: number): number | null {
    const { wordBytes } = this.#class;
    const bytes = this.#memory.read(address - wordBytes, wordBytes);
    return bytes.length < wordBytes ? null : this.#class.readWord(bytes, 0);
  }

  /** A list of pointers that ends, with its 0, at `end`: down to the 0, or argc, before it. */
  pointersBelow(end: number): { start: number; pointers: number[] } | null {
    const { wordBytes } = this.#class;
    if (this.wordBelow(end) !== 0) return null;
    const pointers: number[] = [];
    for (let at = end - wordBytes; pointers.length < MAX_STRINGS; at -= wordBytes) {
      const value = this.wordBelow(at);
      if (value === null) return null;
      if (value < MIN_ADDRESS) return { start: at, pointers: pointers.reverse() };
      pointers.push(value);
    }
    return null;
  }
}

function stringsAt(pointers: readonly number[], memory: ProcessMemory): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (const pointer of pointers) {
    const string = stringAt(pointer, memory);
    length += string.length + 1;
    if (length > MAX_LIST_BYTES) break;
    parts.push(string, Buffer.alloc(1));
  }
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
