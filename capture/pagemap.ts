import { closeSync, openSync, readSync } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';

/** What the process's page table says. */
export interface Pagemap {
  /**
   * Page numbers among `first` to `end` - 1 of a private file mapping, or of .bss, that the process has written to; all
   * of them where it cannot be told.
   */
  modified(first: number, end: number): number[];
  /** Those that are nowhere, which the process has never looked at: of .bss they are zeros. None where it cannot be told. */
  untouched(first: number, end: number): number[];
  /** Whether a page is in memory or in swap: reading it asks no file system. False where it cannot be told. */
  isBacked(page: number): boolean;
  close(): void;
}

/** An entry of 64 bits: Documentation/admin-guide/mm/pagemap.rst. Bits 61 to 63 are shown to everybody. */
const ENTRY_BYTES = 8;
const PRESENT = 0x8000_0000;
const SWAPPED = 0x4000_0000;
/** The page is the file's own, or shared anonymous memory. */
const OF_FILE = 0x2000_0000;

/** Entries for which one system call asks: 16 MiB of memory. */
const MAX_ENTRIES = 4096;
/** The same for single pages, of which the next asked for is mostly a near one. */
const NEAR_ENTRIES = 64;

/** Read into, and looked at before the next read. */
let entries: Buffer | null = null;

/** Opens /proc/PID/pagemap. Never fails: without it every page counts as modified. */
export function openPagemap(pid: number): Pagemap {
  let fd: number;
  try {
    fd = asRoot(() => openSync(`/proc/${pid}/pagemap`, 'r'));
  } catch {
    // Kernels without CONFIG_PROC_PAGE_MONITOR, or no right: the budget alone decides then.
    return noPagemap;
  }
  entries ??= Buffer.allocUnsafeSlow(MAX_ENTRIES * ENTRY_BYTES);
  const read = entries;
  const near = Buffer.alloc(NEAR_ENTRIES * ENTRY_BYTES);
  let nearFirst = -1;
  /** Pages whose entry's upper half is wanted; null where it cannot be told. */
  const pagesOf = (first: number, end: number, isWanted: (high: number) => boolean): number[] | null => {
    const pages: number[] = [];
    for (let from = first; from < end; from += MAX_ENTRIES) {
      const count = Math.min(end - from, MAX_ENTRIES);
      let length = 0;
      try {
        length = readSync(fd, read, 0, count * ENTRY_BYTES, from * ENTRY_BYTES);
      } catch {
        return null; // See above.
      }
      for (let at = 0; at + ENTRY_BYTES <= length; at += ENTRY_BYTES) {
        if (isWanted(read.readUInt32LE(at + 4))) pages.push(from + at / ENTRY_BYTES);
      }
    }
    return pages;
  };
  return {
    modified(first, end) {
      const isOwn = (high: number) =>
        ((high & PRESENT) !== 0 && (high & OF_FILE) === 0) || (high & SWAPPED) !== 0;
      return pagesOf(first, end, isOwn) ?? allPages(first, end);
    },
    untouched: (first, end) => pagesOf(first, end, (high) => (high & (PRESENT | SWAPPED)) === 0) ?? [],
    isBacked(page) {
      const first = page - (page % NEAR_ENTRIES);
      if (first !== nearFirst) {
        near.fill(0);
        nearFirst = first;
        try {
          readSync(fd, near, 0, near.length, first * ENTRY_BYTES);
        } catch {
          return false; // See above; the zeros say the same.
        }
      }
      return (near.readUInt32LE((page - first) * ENTRY_BYTES + 4) & (PRESENT | SWAPPED)) !== 0;
    },
    close: () => closeSync(fd),
  };
}

function allPages(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, index) => first + index);
}

/** Where there is none, as of memory that comes from a file: everything in a core may have been modified. */
export const noPagemap: Pagemap = {
  modified: allPages,
  untouched: () => [],
  isBacked: () => false,
  close: () => undefined,
};
