import { UsercrashError } from '../errors/usercrash-error.ts';
import type { CoreHead, Segment } from './captured.ts';
import type { CoreSource } from './core-source.ts';
import { type ElfClass, elfClassByIdent } from './elf/elf-class.ts';
import { type ElfHeader, ET_CORE, MIN_ELF_HEADER_BYTES, PN_XNUM, readElfHeader } from './elf/elf-header.ts';
import { PT_LOAD, PT_NOTE, readProgramHeader } from './elf/program-header.ts';
import { readNotes } from './read-notes.ts';

/**
 * Most bytes of notes that are read (96 MiB, about 28,000 threads): what is behind is left out. A client must never
 * hold more than 256 MiB in all.
 */
export const MAX_NOTE_BYTES = 96 * 1024 * 1024;
/** Most program headers that are read: four times vm.max_map_count's default of 65,530. */
export const MAX_SEGMENTS = 262_144;
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
  let table = input.read(programHeaderBytes);
  const note = noteIn(table, elfClass);
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
  if (count > 1) table = Buffer.concat([table, input.read((count - 1) * programHeaderBytes)]);
  const whole = Math.floor(table.length / programHeaderBytes);
  if (whole < count) head.warnings.push(`core: ends after ${whole} of ${count} program headers`);
  head.segments = segmentsIn(table.subarray(0, whole * programHeaderBytes), elfClass, head.warnings);
  return noteIn(table, elfClass);
}

function noteIn(table: Buffer, elfClass: ElfClass): NotePlace | null {
  const { programHeaderBytes } = elfClass;
  for (let at = 0; at + programHeaderBytes <= table.length; at += programHeaderBytes) {
    const header = readProgramHeader(table, at, elfClass);
    if (header.type === PT_NOTE) return { offset: header.offset, bytes: header.fileBytes };
  }
  return null;
}

/** The PT_LOADs, sorted; of two that overlap the first one stays. */
function segmentsIn(table: Buffer, elfClass: ElfClass, warnings: string[]): Segment[] {
  const { programHeader, programHeaderBytes, readBigWord, bits } = elfClass;
  const lastAddress = 2n ** BigInt(bits) - 1n;
  const segments: Segment[] = [];
  let isSorted = true;
  let odd = 0;
  for (let at = 0; at < table.length; at += programHeaderBytes) {
    if (table.readUInt32LE(at) !== PT_LOAD) continue;
    const start = readBigWord(table, at + programHeader.address);
    const fileBytes = readBigWord(table, at + programHeader.fileBytes);
    const memoryBytes = readBigWord(table, at + programHeader.memoryBytes);
    const end = start + memoryBytes;
    if (memoryBytes === 0n) continue;
    if (end > lastAddress || fileBytes > memoryBytes) {
      odd += 1;
      continue;
    }
    const before = segments.at(-1);
    if (before !== undefined && start < before.end) isSorted = false;
    segments.push({ start, end, fileBytes, flags: table.readUInt32LE(at + programHeader.flags) });
  }
  const disjoint = isSorted ? segments : withoutOverlaps(segments);
  odd += segments.length - disjoint.length;
  if (odd > 0) warnings.push(`core: ${odd} segments with impossible or overlapping addresses were ignored`);
  return disjoint;
}

function withoutOverlaps(segments: Segment[]): Segment[] {
  segments.sort((one, other) => (one.start < other.start ? -1 : one.start > other.start ? 1 : 0));
  let end = 0n;
  return segments.filter((segment) => {
    if (segment.start < end) return false;
    end = segment.end;
    return true;
  });
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
