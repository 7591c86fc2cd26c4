import type { Architecture } from './arch/architecture.ts';
import type { CoreHead } from './captured.ts';
import type { ElfClass } from './elf/elf-class.ts';
import { PF_X } from './elf/program-header.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { HeldMemory } from './process-memory.ts';
import { SegmentTable } from './segment-table.ts';

/** vm.mmap_min_addr, and the end of user space: most words on a stack are neither. */
const MIN_ADDRESS = 0x10000;
const MAX_ADDRESS = 2 ** 47;

/**
 * Tells return addresses from other words on a stack, without unwinding: they point into executable memory, behind an
 * instruction that calls. A word that a finished call has left behind is one as well.
 */
export class ReturnAddresses {
  readonly #executable: SegmentTable;
  readonly #memory: HeldMemory;
  readonly #architecture: Architecture;
  readonly #checked = new Map<number, boolean>();
  readonly #codePages = new Set<number>();

  constructor({ segments }: Pick<CoreHead, 'segments'>, memory: HeldMemory, architecture: Architecture) {
    this.#executable = new SegmentTable(segments, 'mapped', PF_X);
    this.#memory = memory;
    this.#architecture = architecture;
  }

  /** Words as the program has them. */
  get elfClass(): ElfClass {
    return this.#architecture.elfClass;
  }

  /** Where a call has led that returns to an address; see Architecture.callTarget. */
  callTarget(address: number, offsetTable: number | null): number | null {
    return this.#architecture.callTarget({ memory: this.#memory.everything, offsetTable }, address);
  }

  /** Pages of code that had to be read so far: some microseconds each. */
  get codePages(): number {
    return this.#codePages.size;
  }

  /** Whether executable memory is mapped there, of a module or generated. */
  isCode(address: number): boolean {
    return address >= MIN_ADDRESS && address < MAX_ADDRESS && this.#executable.find(address) !== -1;
  }

  /** Whether a word may be a return address. */
  has(address: number): boolean {
    if (address < MIN_ADDRESS || address >= MAX_ADDRESS) return false;
    const known = this.#checked.get(address);
    if (known !== undefined) return known;
    const isReturn = this.#executable.find(address) !== -1 && this.#isBehindCall(address);
    this.#checked.set(address, isReturn);
    return isReturn;
  }

  #isBehindCall(address: number): boolean {
    const { before, behind } = this.#architecture.callBytes;
    this.#codePages.add(Math.floor(address / PAGE_BYTES));
    return this.#architecture.isCall(this.#memory.everything.read(address - before, before + behind));
  }
}
