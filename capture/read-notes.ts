import { type Architecture, architectureOf } from './arch/architecture.ts';
import type { CoreHead, MappedFile, SignalNote } from './captured.ts';
import { eachNote } from './elf/notes.ts';
import { NotedThread } from './noted-thread.ts';

/** n_type of the notes named `CORE` that we read: include/uapi/linux/elf.h. */
export const NT_PRSTATUS = 1;
const NT_PRPSINFO = 3;
const NT_AUXV = 6;
const NT_FILE = 0x46494c45;
const NT_SIGINFO = 0x53494749;

/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: signals whose siginfo holds an address, see sigaction(2). */
const FAULTS = new Set([4, 5, 7, 8, 11]);
/** si_code for faults about which the kernel knows no more, also not the address: general protection, int3. */
const SI_KERNEL = 0x80;

/** Fills in everything that `head.noteBytes` tell; what cannot be read becomes a warning. */
export function readNotes(head: CoreHead): void {
  const architecture = architectureOf(head.machine);
  if (architecture === null) {
    head.warnings.push(`core: machine ${head.machine} is not known, registers were not read`);
  }
  const bytes = head.noteBytes;
  let end = 0;
  let short = 0;
  for (const { type, name, start, end: noteEnd, next } of eachNote(bytes)) {
    end = next;
    if (name !== 'CORE') continue;
    const value = bytes.subarray(start, noteEnd);
    if (type === NT_PRSTATUS && architecture !== null) short += readThread(value, architecture, head) ? 0 : 1;
    else if (type === NT_SIGINFO) head.signal = readSignal(value);
    else if (type === NT_AUXV) head.auxv = readAuxv(value);
    else if (type === NT_FILE) head.files = readFiles(value, head.warnings);
    else if (type === NT_PRPSINFO) head.process = readProcess(value);
  }
  if (short > 0) head.warnings.push(`core: ${short} NT_PRSTATUS are too short for registers`);
  if (end < bytes.length)
    head.warnings.push(`core: the notes after byte ${end} of ${bytes.length} make no sense`);
}

function readThread(value: Buffer, architecture: Architecture, head: CoreHead): boolean {
  const { registersOffset, registerNames } = architecture;
  if (value.length < registersOffset + registerNames.length * 8) return false;
  head.threads.push(new NotedThread(value, architecture));
  return true;
}

/** siginfo_t: include/uapi/asm-generic/siginfo.h. */
function readSignal(value: Buffer): SignalNote | null {
  if (value.length < 32) return null;
  const number = value.readInt32LE(0);
  const code = value.readInt32LE(8);
  const isFault = FAULTS.has(number) && code > 0 && code !== SI_KERNEL;
  return {
    number,
    code,
    address: isFault ? value.readBigUInt64LE(16) : null,
    // SI_USER, SI_QUEUE, SI_TKILL and the like.
    sender: code <= 0 ? { pid: value.readInt32LE(16), uid: value.readUInt32LE(20) } : null,
  };
}

/** Pairs of type and value; AT_NULL ends them: getauxval(3). */
function readAuxv(value: Buffer): Map<bigint, bigint> {
  const auxv = new Map<bigint, bigint>();
  for (let at = 0; at + 16 <= value.length; at += 16) {
    const type = value.readBigUInt64LE(at);
    if (type === 0n) break;
    auxv.set(type, value.readBigUInt64LE(at + 8));
  }
  return auxv;
}

/** Count, page size, then start, end and page offset of each, then their names: fs/binfmt_elf.c fill_files_note(). */
function readFiles(value: Buffer, warnings: string[]): MappedFile[] {
  if (value.length < 16) return [];
  const claimed = value.readBigUInt64LE(0);
  const pageBytes = value.readBigUInt64LE(8);
  const room = Math.floor((value.length - 16) / 24);
  if (claimed > room) warnings.push(`core: NT_FILE claims ${claimed} files, there is room for ${room}`);
  const count = claimed > room ? 0 : Number(claimed);
  const files: MappedFile[] = [];
  let name = 16 + count * 24;
  for (let index = 0; index < count; index += 1) {
    const at = 16 + index * 24;
    const nameEnd = value.indexOf(0, name);
    if (nameEnd === -1) {
      warnings.push(`core: NT_FILE has names for ${index} of ${count} files`);
      break;
    }
    const start = value.readBigUInt64LE(at);
    const end = value.readBigUInt64LE(at + 8);
    const offset = value.readBigUInt64LE(at + 16) * pageBytes;
    if (start < end) files.push({ start, end, offset, path: value.subarray(name, nameEnd) });
    name = nameEnd + 1;
  }
  return files;
}

/** struct elf_prpsinfo: include/linux/elfcore.h. */
function readProcess(value: Buffer): CoreHead['process'] {
  if (value.length < 136) return null;
  return {
    uid: value.readUInt32LE(16),
    gid: value.readUInt32LE(20),
    parentPid: value.readInt32LE(28),
    comm: untilZero(value.subarray(40, 56)),
    arguments: untilZero(value.subarray(56, 136)),
  };
}

function untilZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}
