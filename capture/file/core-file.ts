import { fstatSync } from 'node:fs';
import { readAt } from '../../linux/read-at.ts';
import { MAX_ELF_HEADER_BYTES, PN_XNUM, readElfHeader } from '../elf/elf-header.ts';
import { PT_LOAD, readProgramHeader } from '../elf/program-header.ts';
import { PAGE_BYTES, type ReadMemory } from '../page-cache.ts';
import { MAX_SEGMENTS } from '../read-core-head.ts';

/** Program headers read at once. */
const PIECE_HEADERS = 4096;
/** Above it addresses are not exact as numbers, and no user program maps anything. */
const MAX_ADDRESS = 2 ** 53;

/** Memory that should lie in the file, sorted; columns, because there may be 262,144. */
interface Extents {
  count: number;
  starts: Float64Array;
  ends: Float64Array;
  offsets: Float64Array;
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
  readonly #size: number;
  readonly #extents: Extents;

  /** @param fd An ELF core; what is not readable of it holds no memory. The caller closes it. */
  constructor(fd: number) {
    this.#fd = fd;
    this.#size = fstatSync(fd).size;
    this.#extents = extentsOf(fd);
    let cutBytes = 0;
    for (let index = 0; index < this.#extents.count; index += 1) {
      cutBytes += this.#extent(index).end - this.#thereEnd(index);
    }
    this.cutBytes = cutBytes;
  }

  /** Reads memory; for a HeldMemory. */
  readonly read: ReadMemory = (target, at, { address, bytes }) => {
    let done = 0;
    while (done < bytes) {
      const from = address + done;
      const { index, gapEnd } = this.#at(from);
      if (index === -1) {
        if (gapEnd === from) break;
        const end = Math.min(gapEnd - address, bytes);
        target.fill(0, at + done, at + end);
        done = end;
        continue;
      }
      const length = Math.min(bytes - done, this.#thereEnd(index) - from);
      if (length <= 0) break;
      const { start, offset } = this.#extent(index);
      const count = readOrZero(this.#fd, target, at + done, length, offset + from - start);
      done += count;
      if (count < length) break;
    }
    return done;
  };

  /** The number of the extent that holds an address; else -1, and where the gap ends within a page that is held in part. */
  #at(address: number): { index: number; gapEnd: number } {
    const { starts, count } = this.#extents;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const beforeEnd = low === 0 ? 0 : this.#extent(low - 1).end;
    if (address < beforeEnd) return { index: low - 1, gapEnd: address };
    const page = address - (address % PAGE_BYTES);
    const next = low < count ? this.#extent(low).start : Number.POSITIVE_INFINITY;
    const isHeldInPart = beforeEnd > page || next < page + PAGE_BYTES;
    return { index: -1, gapEnd: isHeldInPart ? Math.min(next, page + PAGE_BYTES) : address };
  }

  #extent(index: number): { start: number; end: number; offset: number } {
    const { starts, ends, offsets } = this.#extents;
    return { start: starts[index] ?? 0, end: ends[index] ?? 0, offset: offsets[index] ?? 0 };
  }

  /** Up to here an extent's memory lies in the file. */
  #thereEnd(index: number): number {
    const { start, end, offset } = this.#extent(index);
    return start + Math.max(0, Math.min(end - start, this.#size - offset));
  }
}

function extentsOf(fd: number): Extents {
  const first = bytesAt(fd, 0, MAX_ELF_HEADER_BYTES);
  const header = readElfHeader(first);
  const elfClass = header?.elfClass ?? null;
  const entryBytes = elfClass?.programHeaderBytes;
  if (header === null || elfClass === null || header.programHeaderBytes !== entryBytes)
    return emptyExtents(0);
  let count = header.programHeaderCount;
  if (count === PN_XNUM) {
    // More than fit: sh_info of section header 0 has the count, elf(5).
    const sections = elfClass.readWord(first, elfClass.header.sectionHeadersOffset);
    const info = bytesAt(fd, sections + elfClass.sectionInfo, 4);
    count = info.length === 4 ? info.readUInt32LE(0) : 0;
  }
  count = Math.min(count, MAX_SEGMENTS);
  const extents = emptyExtents(count);
  for (let index = 0; index < count; index += PIECE_HEADERS) {
    const offset = header.programHeadersOffset + index * entryBytes;
    const table = bytesAt(fd, offset, Math.min(PIECE_HEADERS, count - index) * entryBytes);
    for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
      const { type, address, offset: fileOffset, fileBytes } = readProgramHeader(table, at, elfClass);
      const end = address + fileBytes;
      if (type !== PT_LOAD || fileBytes === 0 || end >= MAX_ADDRESS || fileOffset >= MAX_ADDRESS) continue;
      extents.starts[extents.count] = address;
      extents.ends[extents.count] = end;
      extents.offsets[extents.count] = fileOffset;
      extents.count += 1;
    }
    if (table.length < PIECE_HEADERS * entryBytes) break;
  }
  return sorted(extents);
}

function emptyExtents(most: number): Extents {
  return {
    count: 0,
    starts: new Float64Array(most),
    ends: new Float64Array(most),
    offsets: new Float64Array(most),
  };
}

function sorted(extents: Extents): Extents {
  const { count, starts, ends, offsets } = extents;
  if (starts.subarray(0, count).every((start, index) => index === 0 || start >= (starts[index - 1] ?? 0)))
    return extents;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  order.sort((one, other) => (starts[one] ?? 0) - (starts[other] ?? 0) || one - other);
  const by = (column: Float64Array) => Float64Array.from(order, (index) => column[index] ?? 0);
  return { count, starts: by(starts), ends: by(ends), offsets: by(offsets) };
}

function bytesAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readOrZero(fd, bytes, 0, length, offset));
}

/** A disk that fails gives nothing: what is missing is said by whoever wanted it. */
function readOrZero(fd: number, target: Buffer, at: number, length: number, offset: number): number {
  try {
    return readAt(fd, target.subarray(at, at + length), offset);
  } catch {
    return 0;
  }
}
