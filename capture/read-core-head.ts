import { UsercrashError } from '../errors/usercrash-error.ts';
import { EM_X86_64, PRSTATUS, registersOf } from './arch/x86-64.ts';
import type { CoreHead, MappedFile, Segment, SignalNote, ThreadNotes } from './captured.ts';
import type { CoreSource } from './core-source.ts';
import {
  ELF_HEADER_BYTES,
  ELF_IDENT,
  ET_CORE,
  NT_AUXV,
  NT_FILE,
  NT_PRPSINFO,
  NT_PRSTATUS,
  NT_SIGINFO,
  PN_XNUM,
  PROGRAM_HEADER_BYTES,
  PT_LOAD,
  PT_NOTE,
} from './elf-core.ts';

/** More than a process can have by default (vm.max_map_count is 65,530), and than is sensible by far. */
const MAX_SEGMENTS = 1_100_000;
/** 3,450 bytes a thread and up to 4 MiB of file names: this is 35,000 threads. What is beyond is not read. */
const MAX_NOTE_BYTES = 128 * 1024 * 1024;
/** Threads that are told apart; each costs a map of its registers. */
const MAX_THREADS = 32_768;
const MAX_FILES = 1_100_000;

/** The bytes are no core, or none of a machine that we know. */
export class NotACoreError extends UsercrashError {}

/**
 * Reads what stands before the memory in a core: ELF header, program headers and notes. Nothing more is taken from
 * the source, so a pipe's memory part stays with the kernel.
 *
 * The bytes are believed in nothing: what is cut short, lies or is too large gives a partial head with a warning.
 *
 * @throws {NotACoreError} E_NOT_A_CORE where there is no 64-bit little-endian core header at all.
 */
export function readCoreHead(source: CoreSource): CoreHead {
  const header = source.read(ELF_HEADER_BYTES);
  const isElf = header.length === ELF_HEADER_BYTES && header.subarray(0, ELF_IDENT.length).equals(ELF_IDENT);
  if (!isElf || header.readUInt16LE(16) !== ET_CORE) {
    throw new NotACoreError(
      'E_NOT_A_CORE',
      `No ELF core begins with ${header.toString('hex', 0, 20) || 'nothing'}`,
    );
  }
  const head: CoreHead = {
    machine: header.readUInt16LE(18),
    segments: [],
    noteBytes: Buffer.alloc(0),
    threads: [],
    signal: null,
    auxv: new Map(),
    files: [],
    process: null,
    warnings: [],
  };
  if (head.machine !== EM_X86_64) {
    throw new NotACoreError(
      'E_NOT_A_CORE',
      `The core is of machine ${head.machine}, known is ${EM_X86_64} (x86-64)`,
    );
  }
  const note = readProgramHeaders(source, header, head);
  if (note === null) return head;
  const bytes = Math.min(note.bytes, MAX_NOTE_BYTES);
  if (bytes < note.bytes)
    head.warnings.push(`notes of ${note.bytes} bytes: only the first ${bytes} were read`);
  head.noteBytes = source.read(bytes);
  if (head.noteBytes.length < bytes) {
    head.warnings.push(`the core ends after ${head.noteBytes.length} of ${note.bytes} bytes of notes`);
  }
  readNotes(head);
  return head;
}

/** Fills the segments, and leaves the source at the notes. @returns Their size, null where there are none to read. */
function readProgramHeaders(source: CoreSource, header: Buffer, head: CoreHead): { bytes: number } | null {
  const offset = Number(header.readBigUInt64LE(32));
  const entryBytes = header.readUInt16LE(54);
  if (offset !== ELF_HEADER_BYTES || entryBytes !== PROGRAM_HEADER_BYTES) {
    head.warnings.push(`program headers of ${entryBytes} bytes at ${offset} are not the kernel's`);
    return null;
  }
  // The kernel writes the note first. Its offset tells how many headers come before it, also where the count
  // does not fit into e_phnum and stands at the end of the core, which no pipe can be asked for.
  const first = source.read(PROGRAM_HEADER_BYTES);
  if (first.length < PROGRAM_HEADER_BYTES) {
    head.warnings.push('the core ends within its program headers');
    return null;
  }
  const noteOffset = Number(first.readBigUInt64LE(8));
  const noteBytes = Number(first.readBigUInt64LE(32));
  const isNoteFirst = first.readUInt32LE(0) === PT_NOTE;
  const told = header.readUInt16LE(56);
  const fitting = Math.floor((noteOffset - ELF_HEADER_BYTES) / PROGRAM_HEADER_BYTES);
  const count = told === PN_XNUM && isNoteFirst ? fitting : told;
  if (!(count >= 1 && count <= MAX_SEGMENTS)) {
    head.warnings.push(`a core cannot have ${count} program headers`);
    return null;
  }
  const rest = source.read((count - 1) * PROGRAM_HEADER_BYTES);
  for (let at = 0; at + PROGRAM_HEADER_BYTES <= rest.length; at += PROGRAM_HEADER_BYTES) {
    if (rest.readUInt32LE(at) === PT_LOAD) addSegment(rest, at, head.segments);
  }
  if (rest.length < (count - 1) * PROGRAM_HEADER_BYTES) {
    head.warnings.push('the core ends within its program headers');
    return null;
  }
  const position = ELF_HEADER_BYTES + count * PROGRAM_HEADER_BYTES;
  if (!isNoteFirst || !(noteOffset >= position && noteOffset - position <= MAX_NOTE_BYTES)) {
    head.warnings.push(`no notes where the kernel puts them (offset ${noteOffset} after ${position})`);
    return null;
  }
  source.read(noteOffset - position);
  return { bytes: noteBytes };
}

function addSegment(headers: Buffer, at: number, segments: Segment[]): void {
  const start = headers.readBigUInt64LE(at + 16);
  const memoryBytes = headers.readBigUInt64LE(at + 40);
  let fileBytes = headers.readBigUInt64LE(at + 32);
  if (fileBytes > memoryBytes) fileBytes = memoryBytes;
  const end = BigInt.asUintN(64, start + memoryBytes);
  if (end < start) return; // It wraps around: no mapping does.
  segments.push({ start, end, fileBytes, flags: headers.readUInt32LE(at + 4) });
}

/** elf(5): name size, descriptor size, type, name and descriptor, each padded to 4 bytes. */
function readNotes(head: CoreHead): void {
  const { noteBytes } = head;
  let skipped = 0;
  for (let at = 0; at + 12 <= noteBytes.length; ) {
    const nameBytes = noteBytes.readUInt32LE(at);
    const bytes = noteBytes.readUInt32LE(at + 4);
    const type = noteBytes.readUInt32LE(at + 8);
    const begin = at + 12 + Math.ceil(nameBytes / 4) * 4;
    const end = begin + bytes;
    if (end > noteBytes.length) {
      head.warnings.push(`a note of type ${type} is cut short`);
      break;
    }
    // "CORE\0": other owners (LINUX) hold register sets that only gdb reads.
    const isCore = nameBytes === 5 && noteBytes.readUInt32LE(at + 12) === 0x45524f43;
    if (isCore && type === NT_PRSTATUS && head.threads.length >= MAX_THREADS) skipped += 1;
    else if (isCore) readNote(head, type, noteBytes.subarray(begin, end));
    at = begin + Math.ceil(bytes / 4) * 4;
  }
  if (skipped > 0) head.warnings.push(`${skipped} threads beyond the first ${MAX_THREADS} were left out`);
}

function readNote(head: CoreHead, type: number, note: Buffer): void {
  switch (type) {
    case NT_PRSTATUS:
      if (note.length >= PRSTATUS.bytes) head.threads.push(threadOf(note));
      else head.warnings.push(`NT_PRSTATUS of ${note.length} bytes instead of ${PRSTATUS.bytes}`);
      return;
    case NT_SIGINFO:
      head.signal ??= signalOf(note);
      return;
    case NT_AUXV:
      head.auxv = auxvOf(note);
      return;
    case NT_PRPSINFO:
      head.process ??= processOf(note);
      return;
    case NT_FILE:
      readFiles(head, note);
      return;
    default:
  }
}

function threadOf(note: Buffer): ThreadNotes {
  return { tid: note.readInt32LE(PRSTATUS.tid), registers: registersOf(note) };
}

/** Signals that a fault raises, with si_addr: sigaction(2). */
const FAULTS: ReadonlySet<number> = new Set([4, 5, 7, 8, 11]);
/** Largest si_code that says "sent by a process" (SI_USER 0, SI_QUEUE -1, SI_TKILL -6, ...). */
const SI_USER = 0;
const SI_KERNEL = 0x80;

/** siginfo_t (asm-generic/siginfo.h): signal, errno, code, padding, then a union. */
function signalOf(note: Buffer): SignalNote | null {
  if (note.length < 32) return null;
  const number = note.readInt32LE(0);
  const code = note.readInt32LE(8);
  const isFault = FAULTS.has(number) && code > SI_USER && code !== SI_KERNEL;
  const isSent = code <= SI_USER;
  return {
    number,
    code,
    address: isFault ? note.readBigUInt64LE(16) : null,
    sender: isSent ? { pid: note.readInt32LE(16), uid: note.readUInt32LE(20) } : null,
  };
}

function auxvOf(note: Buffer): Map<bigint, bigint> {
  const auxv = new Map<bigint, bigint>();
  for (let at = 0; at + 16 <= note.length && auxv.size < 256; at += 16) {
    auxv.set(note.readBigUInt64LE(at), note.readBigUInt64LE(at + 8));
  }
  return auxv;
}

/** struct elf_prpsinfo (linux/elfcore.h): state bytes, flags, uid, gid, pids, then comm[16] and arguments[80]. */
function processOf(note: Buffer): CoreHead['process'] {
  if (note.length < 136) return null;
  return {
    comm: untilNul(note.subarray(40, 56)),
    arguments: untilNul(note.subarray(56, 136)),
    parentPid: note.readInt32LE(28),
    uid: note.readUInt32LE(16),
    gid: note.readUInt32LE(20),
  };
}

/** NT_FILE (fs/binfmt_elf.c fill_files_note): count, page size, {start, end, page offset} each, then the names. */
function readFiles(head: CoreHead, note: Buffer): void {
  if (note.length < 16) return;
  const count = Number(note.readBigUInt64LE(0));
  const pageBytes = note.readBigUInt64LE(8);
  const fitting = Math.floor((note.length - 16) / 24);
  if (count > fitting || count > MAX_FILES)
    head.warnings.push(`NT_FILE claims ${count} files, has room for ${fitting}`);
  const files: MappedFile[] = [];
  let name = 16 + count * 24;
  for (let index = 0; index < Math.min(count, fitting, MAX_FILES); index += 1) {
    const at = 16 + index * 24;
    const nul = name < note.length ? note.indexOf(0, name) : -1;
    files.push({
      start: note.readBigUInt64LE(at),
      end: note.readBigUInt64LE(at + 8),
      offset: BigInt.asUintN(64, note.readBigUInt64LE(at + 16) * pageBytes),
      path: nul === -1 ? Buffer.alloc(0) : note.subarray(name, nul),
    });
    name = nul === -1 ? note.length : nul + 1;
  }
  head.files = files;
}

function untilNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0);
  return nul === -1 ? bytes : bytes.subarray(0, nul);
}
