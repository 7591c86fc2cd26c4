import { closeSync, openSync, readSync } from 'node:fs';
import { PAGE_BYTES, type Range } from './process-memory.ts';

/** Bits of an entry's high word in /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
const PRESENT = 0x8000_0000;
const SWAPPED = 0x4000_0000;
/** The page belongs to a file or is shared: not written to by this process. */
const FILE_PAGE = 0x2000_0000;
/** A range larger than this is asked about only in its beginning. */
const MAX_PAGES = 16 * 1024;

/**
 * The pages of a range that the process has written to: they differ from the file, so gdb cannot have them from
 * there. Where pagemap cannot be read, the whole range.
 */
export function modifiedPages(pid: number, range: Range): Range[] {
  const first = Math.floor(range.start / PAGE_BYTES);
  const pages = Math.min(Math.ceil(range.end / PAGE_BYTES) - first, MAX_PAGES);
  const entries = Buffer.alloc(pages * 8);
  let read: number;
  try {
    const fd = openSync(`/proc/${pid}/pagemap`, 'r');
    try {
      read = readSync(fd, entries, 0, entries.length, first * 8);
    } finally {
      closeSync(fd);
    }
  } catch {
    // No CONFIG_PROC_PAGE_MONITOR, or the process is going: better too much than a wrong value.
    return [range];
  }
  const modified: Range[] = [];
  for (let page = 0; page * 8 + 8 <= read; page += 1) {
    const high = entries.readUInt32LE(page * 8 + 4);
    const isHere = (high & PRESENT) !== 0 || (high & SWAPPED) !== 0;
    if (!isHere || (high & FILE_PAGE) !== 0) continue;
    const start = (first + page) * PAGE_BYTES;
    const last = modified.at(-1);
    if (last !== undefined && last.end === start) last.end = start + PAGE_BYTES;
    else modified.push({ start, end: start + PAGE_BYTES });
  }
  return modified;
}
