import { fstatSync, readSync } from 'node:fs';
import { MAX_ELF_HEADER_BYTES, PN_XNUM, readElfHeader } from '../elf/elf-header.ts';
import { PT_LOAD, readProgramHeader } from '../elf/program-header.ts';
import { PAGE_BYTES, type ReadMemory } from '../page-cache.ts';
import { MAX_SEGMENTS } from '../read-core-head.ts';

/** Program headers read at once. */
const PIECE_HEADERS = 4096;
/** Above it addresses are not exact as numbers, and no user program maps anything. */
const MAX_ADDRESS = 2 ** 53;

/** Memory that should lie in the file. */
interface Extent {
  start: number;
  end: number;
  /** Up to here it does. */
  thereEnd: number;
  offset: number;
}

/**
 * The memory of a core that lies in a file, read where it is asked for: of gigabytes nothing is held.
 *
 * A small core holds parts of pages: what is between them is given as zeros. Whoever reads by a core's segments
 * (HeldMemory) is never shown those.
 */
export class CoreFile {
  /** Bytes of memory that the core should hold, and that lie behind the file's end. */
  readonly cutBytes: number;
  readonly #fd: number;
  readonly #extents: readonly Extent[];

  /** @param fd An ELF core; what is not readable of it holds no memory. The caller closes it. */
  constructor(fd: number) {
    this.#fd = fd;
    const { size } = fstatSync(fd);
    const extents = extentsOf(fd);
    let cutBytes = 0;
    for (const extent of extents) {
      const there = Math.max(0, Math.min(extent.end - extent.start, size - extent.offset));
      extent.thereEnd = extent.start + there;
      cutBytes += extent.end - extent.thereEnd;
    }
    this.cutBytes = cutBytes;
    this.#extents = extents.sort((one, other) => one.start - other.start);
  }

  /** Reads memory; for a HeldMemory. */
  readonly read: ReadMemory = (target, at, { address, bytes }) => {
    let done = 0;
    while (done < bytes) {
      const from = address + done;
      const { extent, gapEnd } = this.#at(from);
      if (extent === null) {
        if (gapEnd === from) break;
        const end = Math.min(gapEnd - address, bytes);
        target.fill(0, at + done, at + end);
        done = end;
        continue;
      }
      const length = Math.min(bytes - done, extent.thereEnd - from);
      if (length <= 0) break;
      const count = readOrZero(this.#fd, target, at + done, length, extent.offset + from - extent.start);
      done += count;
      if (count < length) break;
    }
    return done;
  };

  /** The extent that holds an address; else where the gap ends that it lies in, within a page that is held in part. */
  #at(address: number): { extent: Extent | null; gapEnd: number } {
    let low = 0;
    let high = this.#extents.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#extents[middle]?.start ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const before = this.#extents[low - 1];
    if (before !== undefined && address < before.end) return { extent: before, gapEnd: address };
    const page = address - (address % PAGE_BYTES);
    const next = this.#extents[low]?.start ?? Number.POSITIVE_INFINITY;
    const isHeldInPart = (before !== undefined && before.end > page) || next < page + PAGE_BYTES;
    return { extent: null, gapEnd: isHeldInPart ? Math.min(next, page + PAGE_BYTES) : address };
  }
}

function extentsOf(fd: number): Extent[] {
  const first = readAt(fd, 0, MAX_ELF_HEADER_BYTES);
  const header = readElfHeader(first);
  const elfClass = header?.elfClass ?? null;
  const entryBytes = elfClass?.programHeaderBytes;
  if (header === null || elfClass === null || entryBytes === undefined) return [];
  if (header.programHeaderBytes !== entryBytes) return [];
  let count = header.programHeaderCount;
  if (count === PN_XNUM) {
    // More than fit: sh_info of section header 0 has the count, elf(5).
    const sections = elfClass.readWord(first, elfClass.header.sectionHeadersOffset);
    const info = readAt(fd, sections + elfClass.sectionInfo, 4);
    count = info.length === 4 ? info.readUInt32LE(0) : 0;
  }
  count = Math.min(count, MAX_SEGMENTS);
  const extents: Extent[] = [];
  for (let index = 0; index < count; index += PIECE_HEADERS) {
    const offset = header.programHeadersOffset + index * entryBytes;
    const table = readAt(fd, offset, Math.min(PIECE_HEADERS, count - index) * entryBytes);
    for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
      const { type, address, offset: fileOffset, fileBytes } = readProgramHeader(table, at, elfClass);
      const end = address + fileBytes;
      if (type !== PT_LOAD || fileBytes === 0 || end >= MAX_ADDRESS || fileOffset >= MAX_ADDRESS) continue;
      extents.push({ start: address, end, thereEnd: end, offset: fileOffset });
    }
    if (table.length < PIECE_HEADERS * entryBytes) break;
  }
  return extents;
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readOrZero(fd, bytes, 0, length, offset));
}

/** An offset that no file has, or a disk that fails, gives nothing: what is missing is said by whoever wanted it. */
function readOrZero(fd: number, target: Buffer, at: number, length: number, offset: number): number {
  try {
    return Number.isSafeInteger(offset) ? readSync(fd, target, at, length, offset) : 0;
  } catch {
    return 0;
  }
}
