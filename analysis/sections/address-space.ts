import type { LoadedModule } from '../../capture/captured.ts';
import { textOfBytes } from '../../report/bytes-text.ts';
import type { Mapping } from '../../report/record.ts';

/** A piece of the address space that has a name. */
interface Place {
  start: bigint;
  end: bigint;
  /** Path or `[stack]`, in the escape of bytes-text.ts. */
  name: string;
  /** What to take from an address to get the one in the file. */
  bias: bigint;
}

/** What lies where: modules by the dynamic linker's list, all else by /proc/PID/maps. */
export class AddressSpace {
  readonly #modules: Place[];
  readonly #mappings: Place[];

  constructor(modules: readonly LoadedModule[], mappings: readonly Mapping[]) {
    const named = modules.map(({ start, end, base, path, name }) => ({
      start,
      end,
      name: textOfBytes(path ?? name),
      bias: base,
    }));
    this.#modules = byStart(named);
    const mapped = mappings.flatMap((mapping) => {
      if (mapping.path === null || mapping.path === '') return [];
      const start = BigInt(`0x${mapping.start}`);
      const end = BigInt(`0x${mapping.end}`);
      return { start, end, name: mapping.path, bias: start - BigInt(`0x${mapping.offset}`) };
    });
    this.#mappings = byStart(mapped);
  }

  /** Name of the mapping that holds `address`: a path, `[stack]`, `[heap]`, `[vdso]`; null where it has none. */
  nameOf(address: bigint): string | null {
    return (at(this.#mappings, address) ?? at(this.#modules, address))?.name ?? null;
  }

  /**
   * Where `address` lies in its file, as symbolication elsewhere needs it: for a module the address in its symbol
   * table (what addr2line takes), for any other mapped file the position in it. Null where no file is mapped.
   */
  moduleOf(address: bigint): { module: string; offset: bigint } | null {
    const mapping = at(this.#mappings, address);
    const isInFile = mapping?.name.startsWith('/') === true;
    // A module's span may have holes in which other things lie: generated code, another library.
    if (this.#mappings.length > 0 && !isInFile) return null;
    const place = at(this.#modules, address) ?? mapping;
    return place === undefined || address < place.bias
      ? null
      : { module: place.name, offset: address - place.bias };
  }
}

/** The place that holds `address`, by binary search: 60,000 mappings are looked up some thousand times. */
function at(places: readonly Place[], address: bigint): Place | undefined {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const place = places[middle];
    if (place !== undefined && place.start <= address) low = middle + 1;
    else high = middle;
  }
  const found = places[low - 1];
  return found !== undefined && address < found.end ? found : undefined;
}

function byStart(places: Place[]): Place[] {
  return places.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}
