import { dynamicRange, type ModuleHeaders } from './module-headers.ts';
import type { ProcessMemory } from './process-memory.ts';

/** A .dynamic has about 30 entries of two words, and one more for each library: those come first. Of 8,192 libraries. */
export const MAX_DYNAMIC_ENTRIES = 8192 + 64;

/**
 * What the .dynamic of a loaded module says, for tags whose value is an address in the module: elf(5).
 *
 * @returns By d_tag; empty where the module has none.
 */
export function dynamicAddresses(memory: ProcessMemory, module: ModuleHeaders): Map<number, number> {
  const addresses = new Map<number, number>();
  const range = dynamicRange(module);
  if (range === null) return addresses;
  const { wordBytes, readWord } = module.elfClass;
  const entryBytes = 2 * wordBytes;
  const bytes = memory.read(range.start, Math.min(range.bytes, MAX_DYNAMIC_ENTRIES * entryBytes));
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes) {
    const value = readWord(bytes, at + wordBytes);
    // glibc has made them addresses; others leave what the file says.
    addresses.set(readWord(bytes, at), value < module.base ? module.base + value : value);
  }
  return addresses;
}
