import { closeSync, openSync, readSync } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';
import type { Segments } from './captured.ts';
import { PAGE_BYTES, PageCache, type ReadMemory } from './page-cache.ts';
import { SegmentTable } from './segment-table.ts';
import type { UnansweredPages } from './unanswered-pages.ts';

/** Memory of a process, dead or alive, wherever it comes from. */
export interface ProcessMemory {
  /**
   * @param address Below 2^53, as all of user space is.
   * @returns What can be read from there on: `length` bytes, fewer before a gap, none where there is nothing. Valid as
   *   long as nobody writes to it: it may be a part of a cache.
   */
  read(address: number, length: number): Buffer;
}

/**
 * The memory of one process, open until {@link close}. Reads of a process that is gone meanwhile give nothing.
 */
export class HeldMemory {
  readonly #close: () => void;
  /** Every page that was looked at, whatever the segments allow. */
  readonly pages: PageCache;
  /** What the kernel's own dump would hold: the only memory that may be kept. */
  readonly dumped: SegmentTable;
  /** {@link dumped} to read from. */
  readonly memory: ProcessMemory;
  /**
   * Everything that is mapped, also code and what a coredump_filter leaves out. Only for finding things (return
   * addresses, the linker's list), never to be kept.
   */
  readonly everything: ProcessMemory;

  constructor(segments: Segments, read: ReadMemory, close: () => void = () => undefined) {
    this.pages = new PageCache(read);
    this.dumped = new SegmentTable(segments, 'dumped');
    this.memory = clipped(this.pages, this.dumped);
    this.everything = clipped(this.pages, new SegmentTable(segments, 'mapped'));
    this.#close = close;
  }

  /** What {@link memory} and {@link everything} gave is not to be used any more: it is where the next process is read to. */
  close(): void {
    this.pages.release();
    this.#close();
  }
}

/**
 * Opens /proc/PID/mem (proc_pid_mem(5)) of a process that is held in its dump, or may be traced. No read of it waits for
 * anybody.
 *
 * @param segments Of the core's head.
 * @param unanswered Pages that count as not readable.
 * @throws Node's error: ENOENT where it is gone, EACCES.
 */
export function openProcessMemory(pid: number, segments: Segments, unanswered: UnansweredPages): HeldMemory {
  const fd = asRoot(() => openSync(`/proc/${pid}/mem`, 'r'));
  const read: ReadMemory = (target, at, { address, bytes }) => {
    const readable = unanswered.readable(address / PAGE_BYTES, bytes / PAGE_BYTES) * PAGE_BYTES;
    if (readable === 0) return 0;
    try {
      return readSync(fd, target, at, readable, address);
    } catch {
      // EIO: nothing mapped or no backing there; ESRCH: the process is gone. Either way there is nothing to read.
      return 0;
    }
  };
  return new HeldMemory(segments, read, () => closeSync(fd));
}

function clipped(pages: PageCache, segments: SegmentTable): ProcessMemory {
  return {
    read(address, length) {
      const segment = segments.find(address);
      if (segment === -1) return Buffer.alloc(0);
      const bytes = Math.min(length, segments.end(segment) - address);
      const first = Math.floor(address / PAGE_BYTES);
      const last = Math.floor((address + bytes - 1) / PAGE_BYTES);
      pages.load(first, last + 1);
      let readable = 0;
      for (let number = first; number <= last && pages.page(number) !== null; number += 1) {
        readable = Math.min(bytes, (number + 1) * PAGE_BYTES - address);
      }
      const page = pages.page(first);
      if (page === null) return Buffer.alloc(0);
      const at = page.at + address - first * PAGE_BYTES;
      if (first === last) return page.bytes.subarray(at, at + readable);
      const copy = Buffer.allocUnsafe(readable);
      pages.copy(copy, 0, { address, bytes: readable });
      return copy;
    },
  };
}
