import type { OwnMounts } from './own-mounts.ts';
import type { ProcessNamespaces } from './process-namespaces.ts';

/**
 * What capture hands on: everything about a process that is lost when it is gone. Nothing here is interpreted more
 * than capturing needed, because all of it is taken while somebody waits; analysis/ turns it into the record.
 */

/** One PT_LOAD of the core that the kernel writes: memory that may be taken, by the kernel's own rules. */
export interface Segment {
  start: bigint;
  end: bigint;
  /** Bytes of it that the kernel's dump holds, from `start` on; 0 for what the dump leaves out. */
  fileBytes: bigint;
  /** PF_X 1, PF_W 2, PF_R 4. */
  flags: number;
}

/** Sorted and disjoint: an array, or where there may be 262,144 of them columns (segment-columns.ts). */
export type Segments = Iterable<Segment> & { readonly length: number };

/** The general registers of one thread, by name (`rip`, `rsp`, `rax`, ..., or `eip`, `esp`, ...), in the order of display. */
export type Registers = ReadonlyMap<string, bigint>;

export interface ThreadNotes {
  tid: number;
  registers: Registers;
}

export interface SignalNote {
  number: number;
  code: number;
  /** si_addr, for SIGILL, SIGFPE, SIGSEGV, SIGBUS and SIGTRAP that the kernel raised. */
  address: bigint | null;
  /** si_pid and si_uid, for those that a process sent. */
  sender: { pid: number; uid: number } | null;
}

/** An entry of NT_FILE. */
export interface MappedFile {
  start: bigint;
  end: bigint;
  /** Bytes into the file. */
  offset: bigint;
  path: Buffer;
}

/** What stands before the memory in a core: ELF header, program headers and notes. */
export interface CoreHead {
  /** e_machine: 62 for x86-64, 3 for i386. */
  machine: number;
  /** Of a pointer, by the ELF class of the core: for an i386 program 32, also under a kernel of 64 bits. */
  bits: 32 | 64;
  /** None any more once the small core has been taken, as of `files`. */
  segments: Segments;
  /** The PT_NOTE's bytes as they came, for the small core to carry on; none any more once it has been taken. */
  noteBytes: Buffer;
  /** The first is the one that died. Once captured, the first {@link MAX_TOLD_THREADS}. */
  threads: ThreadNotes[];
  /** Threads that the notes tell of besides those. */
  omittedThreads: number;
  signal: SignalNote | null;
  auxv: ReadonlyMap<bigint, bigint>;
  files: MappedFile[];
  /** False where mapped files may be missing among `files`: the kernel leaves NT_FILE out where it is over 4 MiB. */
  hasAllFiles: boolean;
  /** NT_PRPSINFO. */
  process: {
    comm: Buffer;
    arguments: Buffer;
    pid: number;
    parentPid: number;
    uid: number;
    gid: number;
  } | null;
  /** What was cut short, contradictory or unknown, in words for the report. */
  warnings: string[];
}

/** An entry of the dynamic linker's list, or the executable itself. */
export interface LoadedModule {
  /** The linker's name for it (`/lib64/ld-linux-x86-64.so.2`); for the executable the path of /proc/PID/exe. */
  name: Buffer;
  isExecutable: boolean;
  /** l_addr: what to add to the file's addresses. */
  base: bigint;
  start: bigint;
  end: bigint;
  /** From the module's first page in memory, lower-case hex. */
  buildId: string | null;
  /** The path of its mapping in the process's own mount namespace; ` (deleted)` stripped and told by `deleted`. */
  path: Buffer | null;
  deleted: boolean;
  /**
   * The very file that was mapped, opened through /proc/PID/exe or /proc/PID/map_files while the process was held:
   * right also when the path is deleted, replaced, or in another mount namespace. The holder closes it.
   */
  fd: number | null;
  /**
   * The file system may not answer (FUSE, NFS): `fd` only stands for the file (O_PATH), nothing has been asked yet, and
   * whoever reads it must be ready to wait for ever.
   */
  mayBlock: boolean;
}

export interface SmallCore {
  /** A core that gdb opens. */
  bytes: Buffer;
  budgetBytes: number;
  /** What was left out, in words for the report. */
  omitted: string[];
  /** Stacks of which the middle is not there. */
  gaps: StackGap[];
}

/** What a small core leaves out of a deep recursion. */
export interface StackGap {
  tid: number;
  /** From the first address that is not there up to the first that is there again. */
  start: number;
  end: number;
  /** Return addresses that stand in it -> how often. */
  returns: ReadonlyMap<number, number>;
  /** False where the gap is too large to have been looked through to its end. */
  isCounted: boolean;
}

export interface OpenDescriptor {
  fd: number;
  target: Buffer;
  /** /proc/PID/fdinfo/N as it is; null where it could not be read. */
  info: Buffer | null;
}

/** /proc/PID as bytes, each null where it could not be read; `failures` says why. */
export interface ProcessSnapshot {
  pid: number;
  /** comm of every thread. */
  threadNames: Map<number, Buffer>;
  stat: Buffer | null;
  status: Buffer | null;
  /** /proc/PID/task/TID/status of the thread that died: the ids of a thread are its own. */
  threadStatus: Buffer | null;
  cmdline: Buffer | null;
  environ: Buffer | null;
  limits: Buffer | null;
  cgroup: Buffer | null;
  mountinfo: Buffer | null;
  maps: Buffer | null;
  /** Kernel stack of the crashed thread. */
  kernelStack: Buffer | null;
  exe: Buffer | null;
  cwd: Buffer | null;
  root: Buffer | null;
  namespaces: ProcessNamespaces | null;
  parentComm: Buffer | null;
  /** The first {@link MAX_DESCRIPTORS}; `descriptorCount` counts them all. */
  descriptors: OpenDescriptor[];
  descriptorCount: number | null;
  /** Name of the item -> why it is null. */
  failures: Map<string, string>;
}

/** Threads that a report tells of, each with a name and frames; the rest is counted. */
export const MAX_TOLD_THREADS = 1024;

/** Descriptors told in full; a process may hold a million. */
export const MAX_DESCRIPTORS = 4096;

/** A whole capture. */
export interface Captured {
  head: CoreHead;
  /** 16 hex digits, see quick-key.ts. */
  quickKey: string;
  core: SmallCore | null;
  modules: LoadedModule[];
  snapshot: ProcessSnapshot;
  /** Of a process that has some; null also where they cannot be opened. */
  mounts: OwnMounts | null;
  /** The crash that this one repeats, where nothing was taken but what the history wants to know. */
  repeatOf?: string;
}
