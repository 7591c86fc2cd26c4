import { asRoot } from '../linux/as-root.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import type { CoreHead, ProcessSnapshot } from './captured.ts';
import { eachNote } from './elf/notes.ts';
import { statusNumbers } from './proc/status-value.ts';
import { NT_AUXV } from './read-notes.ts';
import { readProcFile } from './read-proc-file.ts';

/** Longer than any: struct mm_struct has room for 52 pairs (AT_VECTOR_SIZE in include/linux/mm_types.h). */
const MAX_AUXV_BYTES = 4096;
/** The notes about the process come right after the registers of the first thread. */
const NOTES_LOOKED_AT = 16;

/** Of a /proc/PID/status and of a descriptor's fdinfo, which have some 1,500 and 150 bytes. */
const MAX_STATUS_BYTES = 16 * 1024;

/** Who the process is, as the kernel told it. */
export interface ToldProcess {
  /** In the initial pid namespace, as `tid`. */
  pid: number;
  tid: number;
  /** A pidfd of it, from the kernel itself; null where that gives none. */
  pidfd: number | null;
  /** Its real user; null where only /proc tells. */
  uid: number | null;
}

/**
 * Why what was read from /proc/PID and /proc/TID may be of somebody else: a process that is killed in its dump gives its
 * number back, and whoever gets it next is read in its place (CVE-2025-4598). To be asked after the last read: who is the
 * same at the end has been so all the time.
 *
 * A pidfd tells for certain: a number is free only when its process has been reaped, and then the pidfd has none any more
 * (fdinfo's `Pid`, proc_pid_fdinfo(5)). Read there and not by ioctl(2), so that nothing has to be loaded while a process is
 * held. Where there is none, the auxiliary vector tells, which both the core's notes and /proc hold: its addresses are
 * random, and different in every execve(2); and the user, who tells forked processes apart that changed theirs.
 *
 * @returns In words for the report; null where there is no doubt.
 */
export function doubtOf(told: ToldProcess, head: Pick<CoreHead, 'noteBytes'>): string | null {
  const { pid, tid, pidfd, uid } = told;
  const ended = `process ${pid} has ended meanwhile, and its number may be another one's`;
  try {
    const holder = pidfd === null ? null : pidOf(pidfd);
    if (holder === null) {
      const doubt = doubtOfVector(tid, head.noteBytes);
      if (doubt !== null) return doubt;
    } else if (holder !== pid) {
      return holder === -1 ? ended : `the kernel's pidfd is of process ${holder}, not ${pid}`;
    }
    // A dying process gives its threads' numbers back before its own. Its threads may have changed their users one by one.
    if (uid === null || realUser(`/proc/${pid}/task/${tid}/status`) === uid) return null;
    const user = realUser(`/proc/${pid}/status`);
    if (user === uid) return null;
    return `${pid} is another process by now: its user is ${user}, of the one that died ${uid}`;
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ESRCH')) throw error;
    return ended;
  }
}

/** @returns -1 where it has been reaped; null where the kernel does not say. */
function pidOf(pidfd: number): number | null {
  const { bytes } = readProcFile(`/proc/self/fdinfo/${pidfd}`, MAX_STATUS_BYTES);
  const told = /^Pid:\t(-?\d+)$/m.exec(bytes.toString('latin1'))?.[1];
  return told === undefined ? null : Number(told);
}

function doubtOfVector(tid: number, noteBytes: Buffer): string | null {
  const noted = auxvOf(noteBytes);
  if (noted === null) return `nothing tells whether ${tid} is still the process that died`;
  const { bytes } = asRoot(() => readProcFile(`/proc/${tid}/auxv`, MAX_AUXV_BYTES));
  const length = Math.min(bytes.length, noted.length);
  // A process without memory, dead already, has none.
  if (length === 0) return `${tid} has ended meanwhile`;
  const isSame = bytes.subarray(0, length).equals(noted.subarray(0, length));
  return isSame ? null : `${tid} is another process by now`;
}

function realUser(path: string): number | null {
  const { bytes } = asRoot(() => readProcFile(path, MAX_STATUS_BYTES));
  return statusNumbers(bytes, 'Uid')?.[0] ?? null;
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
    'threadStatus',
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
    threadStatus: null,
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
    namespaces: null,
    parentComm: null,
    descriptors: [],
    descriptorCount: null,
    failures: new Map([...items, 'fd'].map((item) => [item, reason])),
  };
}
