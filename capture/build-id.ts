import { bytesAt } from '../linux/read-at.ts';
import { eachNote } from './elf/notes.ts';
import { PT_NOTE } from './elf/program-header.ts';
import { type ModuleHeaders, readModuleHeaders } from './module-headers.ts';
import type { ProcessMemory } from './process-memory.ts';

/** n_type of the build-id in a note named `GNU`: elf(5). */
const NT_GNU_BUILD_ID = 3;
/** Notes of an executable are some hundred bytes. */
const MAX_NOTE_BYTES = 64 * 1024;
/** sha1 has 20, --build-id=0x... whatever one likes. */
const MAX_BUILD_ID_BYTES = 64;

/**
 * The build-id of a module, from its mapping in memory.
 *
 * @returns Lower-case hex; null where it has none.
 */
export function readBuildId(memory: ProcessMemory, module: ModuleHeaders): string | null {
  for (const { type, address, memoryBytes } of module.headers) {
    if (type !== PT_NOTE) continue;
    const found = buildIdIn(memory.read(module.base + address, Math.min(memoryBytes, MAX_NOTE_BYTES)));
    if (found !== null) return found;
  }
  return null;
}

/**
 * The build-id of an ELF file.
 *
 * @param fd Open for reading; its position is not used.
 * @returns Lower-case hex; null where the file has none, or is no ELF file that we read.
 * @throws Node's error where the file cannot be read.
 */
export function readFileBuildId(fd: number): string | null {
  const file: ProcessMemory = {
    read: (address, length) => bytesAt(fd, address, length),
  };
  const module = readModuleHeaders(file, 0);
  if (module === null) return null;
  for (const { type, offset, fileBytes } of module.headers) {
    if (type !== PT_NOTE) continue;
    const found = buildIdIn(file.read(offset, Math.min(fileBytes, MAX_NOTE_BYTES)));
    if (found !== null) return found;
  }
  return null;
}

function buildIdIn(bytes: Buffer): string | null {
  for (const { type, name, start, end } of eachNote(bytes)) {
    if (type !== NT_GNU_BUILD_ID || name !== 'GNU') continue;
    return end > start && end - start <= MAX_BUILD_ID_BYTES ? bytes.toString('hex', start, end) : null;
  }
  return null;
}
