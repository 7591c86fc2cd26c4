import { readBuildId } from './build-id.ts';
import type { MappedFile } from './captured.ts';
import { PT_INTERP } from './elf/program-header.ts';
import type { LinkMap } from './link-map.ts';
import { dynamicRange, type ModuleHeaders, readModuleHeaders } from './module-headers.ts';
import type { ProcessMemory } from './process-memory.ts';

/** A module as memory and notes tell it, before its file is opened. */
export interface FoundModule {
  /** The linker's name; of the executable, and where there is no list, the path of the mapping. */
  name: Buffer;
  isExecutable: boolean;
  base: number;
  start: number;
  end: number;
  buildId: string | null;
  /** Null where its header cannot be read. */
  headers: ModuleHeaders | null;
  /** Its first mapping; null for the vdso. */
  file: MappedFile | null;
}

/** Modules that are looked for in the mappings where there is no linker's list. */
const MAX_MAPPED_MODULES = 1024;
/** Files whose beginning is looked at for that, each a page of memory: fonts and other data are mapped as well. */
const MAX_LOOKED_AT = 2048;
/** Program headers of all modules together: of 4,500 ordinary ones. A damaged or a made-up list could claim a million. */
const MAX_HEADERS = 65_536;

/** File mappings by address. */
export class MappedFiles {
  readonly #files: readonly MappedFile[];
  readonly #starts: Float64Array;

  constructor(files: readonly MappedFile[]) {
    // The kernel writes them in order of address; a core from elsewhere need not.
    const isSorted = files.every((file, index) => index === 0 || (files[index - 1]?.end ?? 0n) <= file.start);
    this.#files = isSorted ? files : files.toSorted((one, other) => Number(one.start - other.start));
    this.#starts = Float64Array.from(this.#files, ({ start }) => Number(start));
  }

  /** The mapping that holds `address`. */
  at(address: number): MappedFile | null {
    const file = this.#files[this.#indexAt(address)];
    return file !== undefined && Number(file.end) > address ? file : null;
  }

  /** The first mapping of the file that is mapped at `address`: the one of its beginning, with the ELF header. */
  beginning(address: number): MappedFile | null {
    const file = this.at(address);
    if (file === null) return null;
    for (let index = this.#indexAt(address); index >= 0; index -= 1) {
      const earlier = this.#files[index];
      if (earlier === undefined || !earlier.path.equals(file.path)) return null;
      if (earlier.offset === 0n) return earlier;
    }
    return null;
  }

  [Symbol.iterator](): Iterator<MappedFile> {
    return this.#files[Symbol.iterator]();
  }

  #indexAt(address: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/**
 * The executable first, then the others in the linker's order. Where the executable is dynamic and the list is not whole
 * (it died before there was one, or has destroyed it), every other ELF file that is mapped is taken for a library.
 *
 * @param list Its `warnings` get what was left out.
 * @param memory Everything that is mapped: nothing read here is kept.
 */
export function findModules(list: LinkMap, files: MappedFiles, memory: ProcessMemory): FoundModule[] {
  const found: FoundModule[] = [];
  const executable = list.executable;
  if (executable !== null) {
    found.push({ ...placeOf(executable, memory, files), name: Buffer.alloc(0), isExecutable: true });
  }
  const own = executable === null ? null : dynamicRange(executable);
  let headersLeft = MAX_HEADERS;
  for (const entry of list.entries) {
    if (own !== null && entry.dynamic === own.start) continue;
    const at = entry.base !== 0 ? entry.base : entry.dynamic;
    const headers =
      headersLeft <= 0
        ? null
        : (readModuleHeaders(memory, at) ??
          readModuleHeaders(memory, Number(files.beginning(entry.dynamic)?.start ?? 0n)));
    headersLeft -= headers?.headers.length ?? 0;
    const place =
      headers === null
        ? { headers, base: entry.base, start: at, end: at, buildId: null, file: files.at(entry.dynamic) }
        : placeOf(headers, memory, files);
    found.push({ ...place, base: entry.base, name: entry.name, isExecutable: false });
  }
  if (headersLeft <= 0)
    list.warnings.push(`modules: of some no program headers were read, there are more than ${MAX_HEADERS}`);
  const isDynamic = executable === null || executable.headers.some(({ type }) => type === PT_INTERP);
  const isKnown = list.entries.length > 0 && list.isWhole;
  if (isDynamic && !isKnown)
    found.push(...mappedModules(files, memory, { known: found, warnings: list.warnings }));
  const [first] = found;
  if (first?.isExecutable && first.file !== null) first.name = first.file.path;
  return found;
}

function mappedModules(
  files: MappedFiles,
  memory: ProcessMemory,
  { known, warnings }: { known: readonly FoundModule[]; warnings: string[] },
): FoundModule[] {
  const found: FoundModule[] = [];
  const starts = new Set(known.map(({ start }) => start));
  let lookedAt = 0;
  for (const file of files) {
    if (file.offset !== 0n || starts.has(Number(file.start))) continue;
    if (lookedAt === MAX_LOOKED_AT) {
      warnings.push(`modules: found by their mappings, of which the first ${lookedAt} files were looked at`);
      break;
    }
    lookedAt += 1;
    const headers = readModuleHeaders(memory, Number(file.start));
    if (headers === null) continue;
    if (found.length === MAX_MAPPED_MODULES) {
      warnings.push(
        `modules: found by their mappings, of which the first ${found.length} that hold an ELF file were taken`,
      );
      break;
    }
    found.push({ ...placeOf(headers, memory, files), name: file.path, isExecutable: false });
  }
  return found;
}

function placeOf(headers: ModuleHeaders, memory: ProcessMemory, files: MappedFiles) {
  const { base, start, end, address } = headers;
  return { headers, base, start, end, buildId: readBuildId(memory, headers), file: files.at(address) };
}
