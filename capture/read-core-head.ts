import { UsercrashError } from '../errors/usercrash-error.ts';
import type { CoreHead, Segments } from './captured.ts';
import type { CoreSource } from './core-source.ts';
import { type ElfClass, elfClassByIdent } from './elf/elf-class.ts';
import { type ElfHeader, ET_CORE, MIN_ELF_HEADER_BYTES, PN_XNUM, readElfHeader } from './elf/elf-header.ts';
import { PT_LOAD, PT_NOTE, readProgramHeader } from './elf/program-header.ts';
import { readNotes } from './read-notes.ts';
import { SegmentColumns } from './segment-columns.ts';
import { spareHeap } from './spare-heap.ts';

/**
 * Most bytes of notes that are read (72 MiB, about 21,000 threads): what is behind is left out. A client must never
 * hold more than 256 MiB in all.
 */
export const MAX_NOTE_BYTES = 72 * 1024 * 1024;
/** Most program headers that are read: four times vm.max_map_count's default of 65,530. */
export const MAX_SEGMENTS = 262_144;
/** More than ordinary programs have: memory is what counts then, not time. The notes are those of 5,000 threads. */
const MANY_SEGMENTS = 32_768;
const MANY_NOTE_BYTES = 16 * 1024 * 1024;
/** Program headers that are read at once: a table of 262,144 has 14 MiB. */
const PIECE_HEADERS = 4096;
/** Bytes between header, program headers and notes that are skipped; the kernel leaves none. */
export const MAX_GAP_BYTES = 64 * 1024 * 1024;

/** What was given as a core does not begin like one. */
export class NotACoreError extends UsercrashError {
  /** The message without its beginning. */
  readonly reason: string;

  constructor(reason: string) {
    super('E_NOT_A_CORE', `The input is no ELF core: ${reason}`);
    this.reason = reason;
  }
}

/**
 * Reads what stands before the memory in a core: ELF header, program headers and notes (about 3.5 KB a thread). Of a
 * pipe, nothing behind them is consumed.
 *
 * Whatever is cut short, contradictory or too large gives a partial head with `warnings`; a big-endian core gives one with
 * nothing but that.
 *
 * @throws {NotACoreError} Where there is not even the ELF header of a core.
 */
export function readCoreHead(source: CoreSource): CoreHead {
  const input = new CountedSource(source);
  const first = input.read(MIN_ELF_HEADER_BYTES);
  const moreBytes = (elfClassByIdent(first[4])?.headerBytes ?? MIN_ELF_HEADER_BYTES) - MIN_ELF_HEADER_BYTES;
  const header = readElfHeader(moreBytes === 0 ? first : Buffer.concat([first, input.read(moreBytes)]));
  if (header === null) throw new NotACoreError(`${first.length} bytes without an ELF header`);
  if (header.type !== ET_CORE)
    throw new NotACoreError(`its e_type is ${header.type}, not ${ET_CORE} (ET_CORE)`);
  const { elfClass } = header;
  const head = emptyHead(header.machine, elfClass?.bits);
  if (elfClass === null || !header.isLittleEndian) {
    const kind = elfClass === null ? `of ELF class ${first[4]}` : 'big-endian';
    head.warnings.push(
      `core: ${kind}, machine ${header.machine}: only little-endian cores of 32 and 64 bits are read`,
    );
    return head;
  }
  const note = readProgramHeaders(input, { ...header, elfClass }, head);
  if (note === null) {
    head.warnings.push('core: no PT_NOTE, so no registers');
    return head;
  }
  head.noteBytes = readNoteBytes(input, note, head.warnings);
  readNotes(head);
  return head;
}

/** Where the notes are, by the first PT_NOTE. */
interface NotePlace {
  offset: number;
  bytes: number;
}

function readProgramHeaders(
  input: CountedSource,
  header: ElfHeader & { elfClass: ElfClass },
  head: CoreHead,
): NotePlace | null {
  const { elfClass } = header;
  const { programHeaderBytes } = elfClass;
  if (header.programHeaderBytes !== programHeaderBytes) {
    head.warnings.push(
      `core: e_phentsize is ${header.programHeaderBytes}, expected ${programHeaderBytes}: program headers not read`,
    );
    return null;
  }
  if (!input.skipTo(header.programHeadersOffset)) {
    head.warnings.push(`core: e_phoff ${header.programHeadersOffset} is out of reach`);
    return null;
  }
  if (header.programHeaderCount === 0) return null;
  const first = input.read(programHeaderBytes);
  let note = noteIn(first, elfClass);
  let count = header.programHeaderCount;
  if (count === PN_XNUM) {
    // The real count is in section header 0, which the kernel writes behind the memory: fs/binfmt_elf.c
    // elf_core_dump(). On a stream it follows from the notes, which it puts right behind the program headers.
    const room = note === null ? 0 : note.offset - header.programHeadersOffset;
    count = room > 0 ? Math.floor(room / programHeaderBytes) : PN_XNUM;
  }
  if (count > MAX_SEGMENTS) {
    head.warnings.push(`core: ${count} program headers, over the limit of ${MAX_SEGMENTS}`);
    count = MAX_SEGMENTS;
  }
  if (count > MANY_SEGMENTS) spareHeap();
  const segments = new SegmentReader(elfClass, count);
  segments.add(first);
  let whole = first.length === programHeaderBytes ? 1 : 0;
  while (whole > 0 && whole < count) {
    const table = input.read(Math.min(count - whole, PIECE_HEADERS) * programHeaderBytes);
    const read = Math.floor(table.length / programHeaderBytes);
    if (read === 0) break;
    note ??= noteIn(table, elfClass);
    segments.add(table);
    whole += read;
  }
  if (whole < count) head.warnings.push(`core: ends after ${whole} of ${count} program headers`);
  head.segments = segments.end(head.warnings);
  return note;
}

function noteIn(table: Buffer, elfClass: ElfClass): NotePlace | null {
  const { programHeaderBytes } = elfClass;
  for (let at = 0; at + programHeaderBytes <= table.length; at += programHeaderBytes) {
    if (table.readUInt32LE(at) !== PT_NOTE) continue;
    const header = readProgramHeader(table, at, elfClass);
    return { offset: header.offset, bytes: header.fileBytes };
  }
  return null;
}

/** Up to here they are kept as objects, 1 MiB: they are looked through several times, and reading columns makes them anew. */
const FEW_SEGMENTS = 8192;

/** Collects the PT_LOADs of a table that comes piece by piece. */
class SegmentReader {
  readonly #elfClass: ElfClass;
  readonly #segments: SegmentColumns;
  #end = 0n;
  #isSorted = true;
  #odd = 0;

  constructor(elfClass: ElfClass, most: number) {
    this.#elfClass = elfClass;
    this.#segments = new SegmentColumns(most);
  }

  /** @param table Program headers; a last one that is not whole is passed over. */
  add(table: Buffer): void {
    const { programHeader, programHeaderBytes, readBigWord, bits } = this.#elfClass;
    const lastAddress = 2n ** BigInt(bits) - 1n;
    for (let at = 0; at + programHeaderBytes <= table.length; at += programHeaderBytes) {
      if (table.readUInt32LE(at) !== PT_LOAD) continue;
      const start = readBigWord(table, at + programHeader.address);
      const fileBytes = readBigWord(table, at + programHeader.fileBytes);
      const memoryBytes = readBigWord(table, at + programHeader.memoryBytes);
      const end = start + memoryBytes;
      if (memoryBytes === 0n) continue;
      if (end > lastAddress || fileBytes > memoryBytes) {
        this.#odd += 1;
        continue;
      }
      if (start < this.#end) this.#isSorted = false;
      this.#end = end;
      this.#segments.push({ start, end, fileBytes, flags: table.readUInt32LE(at + programHeader.flags) });
    }
  }

  /** All of them, sorted; of two that overlap the first one stays. */
  end(warnings: string[]): Segments {
    const disjoint = this.#isSorted ? this.#segments : this.#segments.disjoint();
    const odd = this.#odd + this.#segments.length - disjoint.length;
    if (odd > 0) warnings.push(`core: ${odd} segments with impossible or overlapping addresses were ignored`);
    return disjoint.length > FEW_SEGMENTS ? disjoint : [...disjoint];
  }
}

function readNoteBytes(input: CountedSource, note: NotePlace, warnings: string[]): Buffer {
  if (!input.skipTo(note.offset)) {
    warnings.push(`core: notes at offset ${note.offset} are out of reach`);
    return Buffer.alloc(0);
  }
  const wanted = Math.min(note.bytes, MAX_NOTE_BYTES);
  if (wanted < note.bytes) {
    warnings.push(`core: ${note.bytes} bytes of notes, read were the first ${MAX_NOTE_BYTES}`);
  }
  if (wanted > MANY_NOTE_BYTES) spareHeap();
  const bytes = input.read(wanted);
  if (bytes.length < wanted) warnings.push(`core: ends after ${bytes.length} of ${wanted} bytes of notes`);
  return bytes;
}

/** A source that knows where it is. */
class CountedSource {
  readonly #source: CoreSource;
  #position = 0;

  constructor(source: CoreSource) {
    this.#source = source;
  }

  read(length: number): Buffer {
    const bytes = this.#source.read(length);
    this.#position += bytes.length;
    return bytes;
  }

  /** @returns False where `offset` is behind us, too far, or past the end. */
  skipTo(offset: number): boolean {
    if (this.#source.seek !== undefined) {
      this.#source.seek(offset);
      this.#position = offset;
      return true;
    }
    const gap = offset - this.#position;
    if (gap < 0 || gap > MAX_GAP_BYTES) return false;
    return gap === 0 || this.read(gap).length === gap;
  }
}

/** A head that says nothing yet. @param machine e_machine, 0 where it is not known. */
export function emptyHead(machine: number, bits: 32 | 64 = 64): CoreHead {
  return {
    machine,
    bits,
    segments: [],
    noteBytes: Buffer.alloc(0),
    threads: [],
    omittedThreads: 0,
    signal: null,
    auxv: new Map(),
    files: [],
    hasAllFiles: false,
    process: null,
    warnings: [],
  };
}
