import { dynamicAddresses } from './dynamic-addresses.ts';
import type { ElfClass } from './elf/elf-class.ts';
import type { ModuleHeaders } from './module-headers.ts';
import type { ProcessMemory } from './process-memory.ts';

/** d_tag: elf(5). */
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_GNU_HASH = 0x6ffffef5;

/** sizeof(Elf64_Sym), sizeof(Elf32_Sym), and where st_value is: elf(5). */
const SYMBOL_BYTES = { 64: 24, 32: 16 };
const VALUE_OFFSET = { 64: 8, 32: 4 };
/** A chain of the hash table has some 1 to 5 symbols. */
const MAX_CHAIN = 64;

/**
 * Looks a symbol up in a loaded module's dynamic symbol table, by its GNU hash table and without its file: some ten
 * short reads of memory that is mapped already.
 *
 * @returns Where the symbol is in memory; null where the module has none of that name.
 */
export function findSymbol(
  memory: ProcessMemory,
  module: ModuleHeaders,
  { name, elfClass }: { name: string; elfClass: ElfClass },
): number | null {
  const { bits, wordBytes, readWord } = elfClass;
  const tables = dynamicAddresses(memory, module);
  const hashTable = tables.get(DT_GNU_HASH);
  const symbols = tables.get(DT_SYMTAB);
  const strings = tables.get(DT_STRTAB);
  if (hashTable === undefined || symbols === undefined || strings === undefined) return null;
  for (const index of candidates(memory, { table: hashTable, wordBytes }, gnuHash(name))) {
    const symbol = memory.read(symbols + index * SYMBOL_BYTES[bits], SYMBOL_BYTES[bits]);
    if (symbol.length < SYMBOL_BYTES[bits]) return null;
    const text = memory.read(strings + symbol.readUInt32LE(0), name.length + 1).toString('latin1');
    if (text === `${name}\0`) return module.base + readWord(symbol, VALUE_OFFSET[bits]);
  }
  return null;
}

/** Symbols whose hash is the same but for its last bit: do_lookup_x() in glibc's elf/dl-lookup.c. */
function* candidates(
  memory: ProcessMemory,
  { table, wordBytes }: { table: number; wordBytes: number },
  hash: number,
): Generator<number> {
  const header = memory.read(table, 16);
  if (header.length < 16) return;
  const bucketCount = header.readUInt32LE(0);
  const firstSymbol = header.readUInt32LE(4);
  const bloomBytes = header.readUInt32LE(8) * wordBytes;
  if (bucketCount === 0) return;
  const buckets = table + 16 + bloomBytes;
  const chains = buckets + bucketCount * 4;
  const bucket = memory.read(buckets + (hash % bucketCount) * 4, 4);
  if (bucket.length < 4) return;
  const first = bucket.readUInt32LE(0);
  if (first < firstSymbol) return;
  for (let index = first; index < first + MAX_CHAIN; index += 1) {
    const link = memory.read(chains + (index - firstSymbol) * 4, 4);
    if (link.length < 4) return;
    const found = link.readUInt32LE(0);
    if ((found | 1) >>> 0 === (hash | 1) >>> 0) yield index;
    if ((found & 1) === 1) return;
  }
}

function gnuHash(name: string): number {
  let hash = 5381;
  for (let index = 0; index < name.length; index += 1) {
    hash = (Math.imul(hash, 33) + name.charCodeAt(index)) >>> 0;
  }
  return hash;
}
