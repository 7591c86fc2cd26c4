import type { CoreHead, ProcessSnapshot } from './captured.ts';
import { eachNote } from './elf/notes.ts';
import { NT_AUXV } from './read-notes.ts';
import { readProcFile } from './read-proc-file.ts';

/** Longer than any: struct mm_struct has room for 52 pairs (AT_VECTOR_SIZE in include/linux/mm_types.h). */
const MAX_AUXV_BYTES = 4096;
/** The notes about the process come right after the registers of the first thread. */
const NOTES_LOOKED_AT = 16;

/**
 * Whether /proc/TID is somebody else by now: its process has been killed in its dump, and its number given to another
 * (CVE-2025-4598). The auxiliary vector tells, which both the core's notes and /proc hold: its addresses are random, and
 * different in every execve(2). To be asked last: who is the same at the end has been so all the time.
 *
 * @param tid In the initial pid namespace.
 * @returns False also where it cannot be told: nothing is there any more, or the notes have no vector.
 */
export function isOtherProcess(tid: number, { noteBytes }: Pick<CoreHead, 'noteBytes'>): boolean {
  const noted = auxvOf(noteBytes);
  if (noted === null) return false;
  try {
    const { bytes } = readProcFile(`/proc/${tid}/auxv`, MAX_AUXV_BYTES);
    const length = Math.min(bytes.length, noted.length);
    return length > 0 && !bytes.subarray(0, length).equals(noted.subarray(0, length));
  } catch {
    return false; // Gone: what was read before says so itself.
  }
}

function auxvOf(noteBytes: Buffer): Buffer | null {
  let seen = 0;
  for (const { name, type, start, end } of eachNote(noteBytes)) {
    if (name === 'CORE' && type === NT_AUXV) return end > start ? noteBytes.subarray(start, end) : null;
    seen += 1;
    if (seen === NOTES_LOOKED_AT) break;
  }
  return null;
}

/** What is known of a process of which nothing may be read. @param reason In words for the report. */
export function unknownProcess(pid: number, reason: string): ProcessSnapshot {
  const items = [
    'stat',
    'status',
    'cmdline',
    'environ',
    'limits',
    'cgroup',
    'mountinfo',
    'maps',
    'kernelStack',
  ];
  return {
    pid,
    threadNames: new Map(),
    stat: null,
    status: null,
    cmdline: null,
    environ: null,
    limits: null,
    cgroup: null,
    mountinfo: null,
    maps: null,
    kernelStack: null,
    exe: null,
    cwd: null,
    root: null,
    parentComm: null,
    descriptors: [],
    descriptorCount: null,
    failures: new Map([...items, 'fd'].map((item) => [item, reason])),
  };
}
