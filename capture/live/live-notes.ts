import { type NoteToWrite, writeNotes } from '../elf/write-notes.ts';
import { PAGE_BYTES } from '../page-cache.ts';

/** n_type: include/uapi/linux/elf.h. */
export const NT_PRSTATUS = 1;
export const NT_FPREGSET = 2;
const NT_PRPSINFO = 3;
const NT_AUXV = 6;
export const NT_X86_XSTATE = 0x202;
const NT_FILE = 0x46494c45;
const NT_SIGINFO = 0x53494749;

/** struct elf_prstatus and elf_prpsinfo on x86-64: include/linux/elfcore.h. */
const PRSTATUS = { bytes: 336, signal: 12, pid: 32, registers: 112, hasFloatingPoint: 328 };
const PRPSINFO = {
  bytes: 136,
  stateName: 1,
  uid: 16,
  gid: 20,
  pid: 24,
  name: 40,
  nameBytes: 15,
  arguments: 56,
};
const MAX_ARGUMENT_BYTES = 79;

/** Whom a process belongs to, as both structs say it; ids of its own pid namespace. */
export interface ProcessIds {
  pid: number;
  parentPid: number;
  processGroup: number;
  session: number;
}

/** A thread for its notes. */
export interface ThreadForNotes {
  /** In its own pid namespace, as the kernel's dump has it. */
  tid: number;
  /** Of the signal that it was about to take, 0 for none. */
  signal: number;
  /** As PTRACE_GETREGSET gives them. */
  general: Buffer;
  floatingPoint: Buffer | null;
  extended: Buffer | null;
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
    core(NT_FILE, fileTable(content.files)),
  ];
  const notes = content.threads.flatMap((thread, index): NoteToWrite[] => [
    core(NT_PRSTATUS, threadStatus(thread, content.ids)),
    ...(index === 0 ? aboutProcess : []),
    ...(thread.floatingPoint === null ? [] : [core(NT_FPREGSET, thread.floatingPoint)]),
    ...(thread.extended === null
      ? []
      : [{ type: NT_X86_XSTATE, name: 'LINUX', value: thread.extended } as const]),
  ]);
  return writeNotes(notes);
}

function threadStatus(thread: ThreadForNotes, ids: ProcessIds): Buffer {
  const note = Buffer.alloc(PRSTATUS.bytes);
  note.writeInt32LE(thread.signal, 0);
  note.writeInt16LE(thread.signal, PRSTATUS.signal);
  writeIds(note, PRSTATUS.pid, { ...ids, pid: thread.tid });
  thread.general.copy(note, PRSTATUS.registers, 0, PRSTATUS.hasFloatingPoint - PRSTATUS.registers);
  note.writeInt32LE(thread.floatingPoint === null ? 0 : 1, PRSTATUS.hasFloatingPoint);
  return note;
}

function processInfo({ ids, state, uid, gid, comm, commandLine }: NotesContent): Buffer {
  const note = Buffer.alloc(PRPSINFO.bytes);
  note.write(state, PRPSINFO.stateName, 1, 'latin1');
  note.writeUInt32LE(uid, PRPSINFO.uid);
  note.writeUInt32LE(gid, PRPSINFO.gid);
  writeIds(note, PRPSINFO.pid, ids);
  comm.copy(note, PRPSINFO.name, 0, PRPSINFO.nameBytes);
  // fs/binfmt_elf.c, fill_psinfo(): the words joined by spaces.
  const words = Buffer.from(commandLine.subarray(0, MAX_ARGUMENT_BYTES)).map((byte) =>
    byte === 0 ? 0x20 : byte,
  );
  note.set(words, PRPSINFO.arguments);
  return note;
}

function writeIds(note: Buffer, at: number, { pid, parentPid, processGroup, session }: ProcessIds): void {
  for (const [index, id] of [pid, parentPid, processGroup, session].entries())
    note.writeInt32LE(id, at + index * 4);
}

/** fs/binfmt_elf.c, fill_files_note(): offsets in pages. */
function fileTable(files: readonly FileForNotes[]): Buffer {
  const table = Buffer.alloc(16 + files.length * 24);
  table.writeBigUInt64LE(BigInt(files.length), 0);
  table.writeBigUInt64LE(BigInt(PAGE_BYTES), 8);
  for (const [index, { start, end, offset }] of files.entries()) {
    for (const [word, value] of [start, end, offset / BigInt(PAGE_BYTES)].entries()) {
      table.writeBigUInt64LE(value, 16 + index * 24 + word * 8);
    }
  }
  return Buffer.concat([table, ...files.map(({ path }) => Buffer.concat([path, Buffer.alloc(1)]))]);
}
