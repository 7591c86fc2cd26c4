import { architectureOf } from './arch/architecture.ts';
import type { CoreHead, MappedFile, SignalNote } from './captured.ts';
import { type ElfClass, elfClassOf } from './elf/elf-class.ts';
import { eachNote } from './elf/notes.ts';
import { NotedThread } from './noted-thread.ts';

/** n_type of the notes named `CORE` that we read: include/uapi/linux/elf.h. */
export const NT_PRSTATUS = 1;
const NT_PRPSINFO = 3;
export const NT_AUXV = 6;
export const NT_FILE = 0x46494c45;
const NT_SIGINFO = 0x53494749;

/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: signals whose siginfo holds an address, see sigaction(2). */
const FAULTS = new Set([4, 5, 7, 8, 11]);
/** si_code for faults about which the kernel knows no more, also not the address: general protection, int3. */
const SI_KERNEL = 0x80;

/** Threads that are kept: as many as vm.max_map_count lets a process have by default, with a stack and its guard page each. */
const MAX_THREADS = 32_768;
/** Entries of NT_FILE: vm.max_map_count is 65,530 by default. */
const MAX_FILES = 65_536;
/** Of NT_FILE: as much as a kernel can be told to write (fs/coredump.c, CORE_FILE_NOTE_SIZE_MAX). */
const MAX_FILE_NOTE_BYTES = 16 * 1024 * 1024;

/** Fills in everything that `head.noteBytes` tell; what cannot be read becomes a warning. */
export function readNotes(head: CoreHead): void {
  const architecture = architectureOf(head);
  if (architecture === null) {
    head.warnings.push(
      `core: machine ${head.machine} with ${head.bits} bits is not known, registers were not read`,
    );
  }
  const elfClass = elfClassOf(head.bits);
  const bytes = head.noteBytes;
  let thread: NotedThread | null = null;
  let end = 0;
  let short = 0;
  for (const { type, name, start, end: noteEnd, next } of eachNote(bytes)) {
    end = next;
    const value = bytes.subarray(start, noteEnd);
    if (name === 'LINUX' && type === architecture?.notedRegister?.noteType) thread?.addNote(value);
    if (name !== 'CORE') continue;
    if (type === NT_PRSTATUS && architecture !== null) {
      thread = value.length < NotedThread.bytesOf(architecture) ? null : new NotedThread(value, architecture);
      if (thread === null) short += 1;
      else if (head.threads.length < MAX_THREADS) head.threads.push(thread);
      else head.omittedThreads += 1;
    } else if (type === NT_SIGINFO) head.signal = readSignal(value, elfClass);
    else if (type === NT_AUXV) head.auxv = readAuxv(value, elfClass);
    else if (type === NT_FILE) readFiles(value, elfClass, head);
    else if (type === NT_PRPSINFO) head.process = readProcess(value, architecture?.userIdBytes ?? 4);
  }
  if (short > 0) head.warnings.push(`core: ${short} NT_PRSTATUS are too short for registers`);
  if (end < bytes.length)
    head.warnings.push(`core: the notes after byte ${end} of ${bytes.length} make no sense`);
}

/** siginfo_t: include/uapi/asm-generic/siginfo.h. Behind three ints comes a union, which begins at a whole word. */
function readSignal(value: Buffer, { wordBytes, readBigWord }: ElfClass): SignalNote | null {
  if (value.length < 32) return null;
  const fields = Math.ceil(12 / wordBytes) * wordBytes;
  const number = value.readUInt32LE(0);
  const code = value.readInt32LE(8);
  const isFault = FAULTS.has(number) && code > 0 && code !== SI_KERNEL;
  return {
    number,
    code,
    address: isFault ? readBigWord(value, fields) : null,
    // SI_USER, SI_QUEUE, SI_TKILL and the like. Unsigned, because rt_sigqueueinfo(2) lets a process say anything.
    sender: code <= 0 ? { pid: value.readUInt32LE(fields), uid: value.readUInt32LE(fields + 4) } : null,
  };
}

/** Pairs of type and value; AT_NULL ends them: getauxval(3). */
function readAuxv(value: Buffer, { wordBytes, readBigWord }: ElfClass): Map<bigint, bigint> {
  const auxv = new Map<bigint, bigint>();
  for (let at = 0; at + 2 * wordBytes <= value.length; at += 2 * wordBytes) {
    const type = readBigWord(value, at);
    if (type === 0n) break;
    auxv.set(type, readBigWord(value, at + wordBytes));
  }
  return auxv;
}

/** Count, page size, then start, end and page offset of each, then their names: fs/binfmt_elf.c fill_files_note(). */
function readFiles(note: Buffer, { wordBytes, readBigWord }: ElfClass, head: CoreHead): void {
  const { warnings } = head;
  // A copy: the notes may be a hundred megabytes, and the paths outlive them.
  const value = Buffer.from(note.subarray(0, MAX_FILE_NOTE_BYTES));
  if (value.length < note.length)
    warnings.push(`core: NT_FILE has ${note.length} bytes, read were the first ${value.length}`);
  const listAt = 2 * wordBytes;
  const entryBytes = 3 * wordBytes;
  if (value.length < listAt) return;
  const claimed = readBigWord(value, 0);
  const pageBytes = readBigWord(value, wordBytes);
  const room = Math.floor((value.length - listAt) / entryBytes);
  if (claimed > room) warnings.push(`core: NT_FILE claims ${claimed} files, there is room for ${room}`);
  const count = claimed > room ? 0 : Number(claimed);
  if (count > MAX_FILES) warnings.push(`core: NT_FILE has ${count} files, read were the first ${MAX_FILES}`);
  const files: MappedFile[] = [];
  let path: Buffer = Buffer.alloc(0);
  let name = listAt + count * entryBytes;
  for (let index = 0; index < Math.min(count, MAX_FILES); index += 1) {
    const at = listAt + index * entryBytes;
    const nameEnd = value.indexOf(0, name);
    if (nameEnd === -1) {
      warnings.push(`core: NT_FILE has names for ${index} of ${count} files`);
      break;
    }
    const start = readBigWord(value, at);
    const end = readBigWord(value, at + wordBytes);
    const offset = readBigWord(value, at + 2 * wordBytes) * pageBytes;
    // A library has four mappings: one path for all.
    if (path.compare(value, name, nameEnd) !== 0) path = value.subarray(name, nameEnd);
    if (start < end) files.push({ start, end, offset, path });
    name = nameEnd + 1;
  }
  head.files = files;
  head.hasAllFiles = BigInt(files.length) === claimed;
}

/** sizeof(struct elf_prpsinfo): include/linux/elfcore.h. It has 136 bytes with 64 bits, and 124 on i386. */
const MIN_PROCESS_BYTES = 124;

/** It ends the same everywhere: pr_uid, pr_gid, pr_pid, pr_ppid, pr_pgrp, pr_sid, pr_fname[16], pr_psargs[80]. */
function readProcess(value: Buffer, userIdBytes: 2 | 4): CoreHead['process'] {
  if (value.length < MIN_PROCESS_BYTES) return null;
  const arguments_ = value.length - 80;
  const comm = arguments_ - 16;
  const pid = comm - 16;
  return {
    uid: value.readUIntLE(pid - 2 * userIdBytes, userIdBytes),
    gid: value.readUIntLE(pid - userIdBytes, userIdBytes),
    pid: value.readUInt32LE(pid),
    parentPid: value.readUInt32LE(pid + 4),
    comm: untilZero(value.subarray(comm, arguments_)),
    arguments: untilZero(value.subarray(arguments_)),
  };
}

function untilZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  // A copy: the notes may be a hundred megabytes, and this outlives them.
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end));
}
