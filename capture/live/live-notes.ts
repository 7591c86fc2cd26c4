import type { Architecture } from '../arch/architecture.ts';
import { type NoteToWrite, writeNotes } from '../elf/write-notes.ts';
import { PAGE_BYTES } from '../page-cache.ts';

/** n_type: include/uapi/linux/elf.h. */
const NT_PRSTATUS = 1;
const NT_PRPSINFO = 3;
const NT_AUXV = 6;
const NT_FILE = 0x46494c45;
const NT_SIGINFO = 0x53494749;

/** pr_info.si_signo and pr_cursig in struct elf_prstatus: include/linux/elfcore.h. */
const SIGNAL_NUMBER = 0;
const CURRENT_SIGNAL = 12;
/** sizeof(struct elf_prpsinfo) by bits of a word; it ends the same everywhere: include/linux/elfcore.h. */
const PROCESS_BYTES = { 32: 124, 64: 136 };
const ARGUMENT_BYTES = 80;
const NAME_BYTES = 16;
const STATE_NAME = 1;

/** Whom a process belongs to, as both structs say it. */
export interface ProcessIds {
  /** In its own pid namespace, as the kernel's dump has it. */
  pid: number;
  parentPid: number;
  processGroup: number;
  session: number;
}

/** A thread for its notes. */
export interface ThreadForNotes {
  /** In its own pid namespace. */
  tid: number;
  /** Of the signal that it was about to take, 0 for none. */
  signal: number;
  /** As PTRACE_GETREGSET gives them. */
  general: Buffer;
  sets: readonly NoteToWrite[];
}

/** A mapping of a file. */
export interface FileForNotes {
  start: bigint;
  end: bigint;
  /** Bytes into the file. */
  offset: bigint;
  path: Buffer;
}

/** Everything that the notes of a core tell. */
export interface NotesContent {
  architecture: Architecture;
  ids: ProcessIds;
  /** Letter of the main thread's state. */
  state: string;
  uid: number;
  gid: number;
  comm: Buffer;
  /** /proc/PID/cmdline */
  commandLine: Buffer;
  /** siginfo_t; null where no signal stopped the first thread. */
  signal: Buffer | null;
  /** /proc/PID/auxv */
  auxv: Buffer;
  files: readonly FileForNotes[];
  threads: readonly ThreadForNotes[];
}

/** The notes of a core in the order in which the kernel writes them: fs/binfmt_elf.c, write_note_info(). */
export function liveNotes(content: NotesContent): Buffer {
  const core = (type: number, value: Buffer): NoteToWrite => ({ type, name: 'CORE', value });
  const aboutProcess = [
    core(NT_PRPSINFO, processInfo(content)),
    ...(content.signal === null ? [] : [core(NT_SIGINFO, content.signal)]),
    core(NT_AUXV, content.auxv),
    core(NT_FILE, fileTable(content.files, content.architecture.elfClass.wordBytes)),
  ];
  return writeNotes(
    content.threads.flatMap((thread, index) => [
      core(NT_PRSTATUS, threadStatus(thread, content)),
      ...(index === 0 ? aboutProcess : []),
      ...thread.sets,
    ]),
  );
}

function threadStatus(thread: ThreadForNotes, { architecture, ids }: NotesContent): Buffer {
  const { registersOffset, threadIdOffset, elfClass } = architecture;
  const hasFloatingPoint = registersOffset + thread.general.length;
  const note = Buffer.alloc(Math.ceil((hasFloatingPoint + 4) / elfClass.wordBytes) * elfClass.wordBytes);
  note.writeInt32LE(thread.signal, SIGNAL_NUMBER);
  note.writeInt16LE(thread.signal, CURRENT_SIGNAL);
  writeIds(note, threadIdOffset, { ...ids, pid: thread.tid });
  thread.general.copy(note, registersOffset);
  note.writeInt32LE(thread.sets.length > 0 ? 1 : 0, hasFloatingPoint);
  return note;
}

function processInfo({ architecture, ids, state, uid, gid, comm, commandLine }: NotesContent): Buffer {
  const { userIdBytes, elfClass } = architecture;
  const note = Buffer.alloc(PROCESS_BYTES[elfClass.bits]);
  const argumentsAt = note.length - ARGUMENT_BYTES;
  const nameAt = argumentsAt - NAME_BYTES;
  const idsAt = nameAt - 4 * 4;
  note.write(state, STATE_NAME, 1, 'latin1');
  writeUserId(note, idsAt - 2 * userIdBytes, uid, userIdBytes);
  writeUserId(note, idsAt - userIdBytes, gid, userIdBytes);
  writeIds(note, idsAt, ids);
  comm.copy(note, nameAt, 0, NAME_BYTES - 1);
  // fs/binfmt_elf.c, fill_psinfo(): the words joined by spaces, and a 0 at the end.
  const words = Buffer.from(commandLine.subarray(0, ARGUMENT_BYTES - 1));
  note.set(
    words.map((byte) => (byte === 0 ? 0x20 : byte)),
    argumentsAt,
  );
  return note;
}

/** 65534 stands for what has no room in 16 bits: SET_UID() in include/linux/highuid.h. */
function writeUserId(note: Buffer, at: number, id: number, bytes: 2 | 4): void {
  if (bytes === 4) note.writeUInt32LE(id, at);
  else note.writeUInt16LE(id > 0xffff ? 65534 : id, at);
}

function writeIds(note: Buffer, at: number, { pid, parentPid, processGroup, session }: ProcessIds): void {
  for (const [index, id] of [pid, parentPid, processGroup, session].entries())
    note.writeInt32LE(id, at + index * 4);
}

/** fs/binfmt_elf.c, fill_files_note(): count, page size, then each file's place, with offsets in pages, then the names. */
function fileTable(files: readonly FileForNotes[], wordBytes: 4 | 8): Buffer {
  const words: bigint[] = [BigInt(files.length), BigInt(PAGE_BYTES)];
  for (const { start, end, offset } of files) words.push(start, end, offset / BigInt(PAGE_BYTES));
  const table = Buffer.alloc(words.length * wordBytes);
  for (const [index, word] of words.entries()) {
    if (wordBytes === 8) table.writeBigUInt64LE(word, index * wordBytes);
    else table.writeUInt32LE(Number(word), index * wordBytes);
  }
  return Buffer.concat([table, ...files.map(({ path }) => Buffer.concat([path, Buffer.alloc(1)]))]);
}
