import type { FoundModule } from './find-modules.ts';
import { PAGE_BYTES, type PageCache } from './page-cache.ts';

/** p_type: the sorted table of a module's functions, for whoever unwinds (Linux Standard Base, .eh_frame_hdr). */
const PT_GNU_EH_FRAME = 0x6474e550;
/**
 * Version 1, a count of 4 bytes unsigned (0x03), a table of pairs of 4 bytes relative to the header (0x3b): what linkers
 * write. The second byte is how .eh_frame itself is pointed to.
 */
const ENCODINGS = 0x3b_03_00_01;
const ENCODINGS_MASK = 0xff_ff_00_ff;
const TABLE_OFFSET = 12;
/** In a frame description: behind its length, its CIE and where it begins, in 4 bytes each as compilers write them. */
const RANGE_OFFSET = 12;
/** The largest programs have some 500,000 functions. */
const MAX_FUNCTIONS = 4_000_000;

interface FunctionTable {
  /** Of its header. */
  address: number;
  count: number;
}

/** Where functions begin, by the table that a module carries in its memory for exceptions. */
export class FunctionStarts {
  readonly #pages: PageCache;
  readonly #tables = new Map<FoundModule, FunctionTable | null>();

  constructor(pages: PageCache) {
    this.#pages = pages;
  }

  /**
   * The beginning of the function that holds `address`.
   *
   * @returns Null where the module has no table (Go's have none), or none for that place.
   */
  startOf(module: FoundModule, address: number): number | null {
    const table = this.#tableOf(module);
    if (table === null) return null;
    const entryAt = (index: number) => table.address + TABLE_OFFSET + index * 8;
    let low = 0;
    let high = table.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (table.address + this.#int32(entryAt(middle)) <= address) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const start = table.address + this.#int32(entryAt(low - 1));
    const description = table.address + this.#int32(entryAt(low - 1) + 4);
    const range = this.#int32(description + RANGE_OFFSET) >>> 0;
    // A return address may stand right behind a function that ends in a call.
    return address <= start + range ? start : null;
  }

  #tableOf(module: FoundModule): FunctionTable | null {
    let table = this.#tables.get(module);
    if (table === undefined) {
      table = this.#readTable(module);
      this.#tables.set(module, table);
    }
    return table;
  }

  #readTable({ headers }: FoundModule): FunctionTable | null {
    const header = headers?.headers.find(({ type }) => type === PT_GNU_EH_FRAME);
    if (headers === null || header === undefined) return null;
    const address = headers.base + header.address;
    if (address % 4 !== 0 || (this.#int32(address) & ENCODINGS_MASK) !== ENCODINGS) return null;
    const count = this.#int32(address + 8);
    return count > 0 && count <= MAX_FUNCTIONS ? { address, count } : null;
  }

  /** At a multiple of 4. */
  #int32(address: number): number {
    const number = Math.floor(address / PAGE_BYTES);
    const page = this.#pages.page(number);
    return page === null ? 0 : (page.words[page.wordAt + (address - number * PAGE_BYTES) / 4] ?? 0) | 0;
  }
}
