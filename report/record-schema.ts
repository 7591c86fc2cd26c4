import * as z from 'zod';
import { RECORD_SCHEMA } from './record.ts';

/**
 * The record's schema: see record.ts for what holds throughout. It stands apart because zod takes 30 ms to load, and whoever
 * only writes a record needs no more than its types. `docs/record.schema.json` is generated from this file.
 */

const address = z.string().regex(/^[0-9a-f]{16}$/);
/** Bytes in the escape of bytes-text.ts. */
const bytes = z.string();
const count = z.number().int().nonnegative();

const instant = z.object({
  /** ISO 8601 with microseconds and the machine's offset: 2026-11-20T22:35:57.123456+00:00 */
  iso: z.string(),
  /** Microseconds since 1970-01-01 UTC. */
  us: count,
});

const signal = z.object({
  number: count,
  /** SIGSEGV; `SIGRTMIN+3` and `signal 70` where there is no name. */
  name: z.string(),
  /** siginfo's si_code: who or what sent it. */
  code: z.number().int().nullable(),
  /** SEGV_MAPERR */
  codeName: z.string().nullable(),
  /** In words: `address not mapped`. */
  meaning: z.string().nullable(),
  /** si_addr, for the signals that a fault raises. */
  address: address.nullable(),
  /** si_pid and si_uid, for the signals that a process sends. */
  sender: z.object({ pid: count, uid: count }).nullable(),
});

const identity = z.object({
  pid: count,
  /** The thread that died, in the initial pid namespace. */
  tid: count,
  /** The same two as the process itself saw them; differs inside a container. */
  namespacePid: count.nullable(),
  namespaceTid: count.nullable(),
  comm: bytes,
  exe: bytes.nullable(),
  exeDeleted: z.boolean().nullable(),
  /** The processor as the program saw it: x86_64; i386 also on a machine of 64 bits. */
  architecture: z.string().nullable().optional(),
  /** Bits of the process's addresses: 64, 32. */
  addressBits: count.nullable().optional(),
  commandLine: z.array(bytes).nullable(),
  cwd: bytes.nullable(),
  root: bytes.nullable(),
  uid: count,
  gid: count,
  /** The same two as the process itself saw them; null where it has no user namespace of its own. */
  namespaceUid: count.nullable().optional(),
  namespaceGid: count.nullable().optional(),
  /** The name that the machine has for `uid`. */
  user: z.string().nullable(),
  parent: z.object({ pid: count, comm: bytes.nullable() }).nullable(),
  started: instant.nullable(),
  /** Field 22 of /proc/PID/stat: clock ticks (1/100 s) after boot. */
  startTicks: count.nullable(),
  uptimeMs: count.nullable(),
  /** core(5) %d: 0 not dumpable, 1 dumpable, 2 only root may read. */
  dumpable: count.nullable(),
  environment: z.array(bytes).nullable(),
  limits: z.array(z.object({ name: z.string(), soft: z.string(), hard: z.string() })).nullable(),
  /** /proc/PID/cgroup, a line each. */
  cgroup: z.array(bytes).nullable(),
  /** systemd unit from the cgroup: app.service, session-3.scope. */
  unit: bytes.nullable(),
  /** Unit of the user's own service manager, which `unit` (user@1000.service) runs: app-editor.service. */
  userUnit: bytes.nullable().optional(),
  /** The service manager's unit inside the container, where one runs there; `unit` is what this machine's has. */
  unitInside: bytes.nullable().optional(),
  /** Container id: 64 hex digits, or the name that its owner gave. */
  container: bytes.nullable(),
  /** docker, podman, containerd, cri-o, kubernetes, lxc, nspawn, buildah, buildkit, flatpak, oci; null where only an id is known. */
  containerEngine: z.string().nullable().optional(),
  /** What tells of the container: `cgroup`; `mounts` and `environment`, which the process may have made up. */
  containerToldBy: z.string().nullable().optional(),
  /** uid of the Kubernetes pod. */
  pod: bytes.nullable().optional(),
  /** Whether it had a mount namespace or a root directory of its own: paths may name other files on this machine. */
  ownMounts: z.boolean().nullable().optional(),
  /** PRETTY_NAME of the os-release that it saw; only of a process with mounts of its own. */
  ownSystem: bytes.nullable().optional(),
  /** /proc/PID/status, a line each. */
  status: z.array(z.object({ name: z.string(), value: bytes })).nullable(),
  buildId: z.string().nullable(),
  /** The distribution's package that owns the executable. */
  package: z.object({ name: z.string(), version: z.string(), architecture: z.string() }).nullable(),
});

const machine = z.object({
  host: z.string(),
  /** PRETTY_NAME of os-release. */
  os: z.string().nullable(),
  /** uname -r */
  kernel: z.string(),
  /** uname -m */
  architecture: z.string(),
  /** 32 hex digits. */
  bootId: z.string(),
});

const variable = z.object({ name: z.string(), value: z.string().nullable() });

const frame = z.object({
  /** 0 is the innermost. */
  level: count,
  pc: address.nullable(),
  function: z.string().nullable(),
  /** As the debug information names it. */
  file: z.string().nullable(),
  line: count.nullable(),
  /** Path of the executable or library that holds pc. */
  module: bytes.nullable(),
  /** pc relative to the module's load address: what symbolication elsewhere needs. */
  moduleOffset: address.nullable(),
  arguments: z.array(variable).nullable(),
  locals: z.array(variable).nullable(),
  /** True for a signal trampoline. */
  signalHandler: z.boolean(),
});

/** What a thread of a live process was at when it was stopped. */
const activity = z.object({
  /** As /proc/PID/status says it: `running`, `sleeping`, `disk sleep`, `stopped`. */
  state: z.string(),
  /** The system call that it was in: `futex`, `system call 999`. */
  systemCall: z.string().nullable(),
  /** Kernel function that it waited in. */
  waitChannel: z.string().nullable(),
  /** Innermost first. */
  kernelStack: z.array(z.string()).nullable(),
  /** The signal that it was about to take, or that had stopped it. */
  signal: z.string().nullable(),
});

const thread = z.object({
  tid: count,
  name: bytes.nullable(),
  /** The one that received the signal; of a process that did not crash none. */
  crashed: z.boolean(),
  /** Of a live process only. */
  activity: activity.nullable().optional(),
  pc: address.nullable(),
  sp: address.nullable(),
  frames: z.array(frame).nullable(),
  /** Frames in the middle that a limit left out, after `frames[omittedAfter]`. */
  omittedFrames: count.nullable(),
  omittedAfter: count.nullable(),
});

const mapping = z.object({
  start: address,
  end: address,
  permissions: z.string(),
  offset: address,
  device: z.string(),
  inode: count,
  path: bytes.nullable(),
});

const module_ = z.object({
  /** The name that the dynamic linker knows, for the executable its path. */
  name: bytes,
  path: bytes.nullable(),
  /** What to add to the addresses in its symbol table. */
  base: address,
  start: address,
  end: address,
  buildId: z.string().nullable(),
  deleted: z.boolean().nullable(),
});

const openFile = z.object({
  fd: count,
  /** As readlink shows it: a path, `socket:[123]`, `pipe:[123]`, `anon_inode:[eventpoll]`. */
  target: bytes,
  /** Access mode and flags in words: `read,write,append`. */
  flags: z.string().nullable(),
  position: count.nullable(),
});

/** One word of memory. */
const word = z.object({
  address,
  value: address,
  /** What it points to: `main+21`, `[stack]`, `/usr/lib/libc.so.6`, `"text"`. */
  note: z.string().nullable(),
});

const memoryWindow = z.object({
  /** Why it is shown: `rdi`, `rsp`, `rip`. */
  label: z.string(),
  address,
  /** The bytes, in hex, from `address` on. */
  hex: z.string(),
  mapping: bytes.nullable(),
});

const instruction = z.object({
  address,
  function: z.string().nullable(),
  offset: count.nullable(),
  text: z.string(),
  /** The one that pc points at. */
  current: z.boolean(),
});

const journalEntry = z.object({
  at: instant,
  pid: count.nullable(),
  /** SYSLOG_IDENTIFIER, else _COMM. */
  identifier: bytes.nullable(),
  unit: bytes.nullable(),
  /** 0 emergency to 7 debug. */
  priority: count.nullable(),
  message: bytes,
  /** Why it is in the window: `process`, `unit`, `machine`, `kernel`. */
  why: z.string(),
});

const stackGap = z.object({
  tid: count,
  start: address,
  end: address,
  returns: z.array(z.object({ address, count })),
  /** False where it was too large to be looked through. */
  counted: z.boolean(),
});

const collection = z.object({
  /** How the crash reached us: `pipe`, `socket`, `live`, `core`. */
  mode: z.string(),
  /** Milliseconds after the crash was seen by us at which each step had ended. */
  steps: z.array(z.object({ name: z.string(), atMs: z.number().nonnegative() })),
  core: z
    .object({
      /** Of the small core as gdb reads it, and as it lies on disk. */
      bytes: count,
      compressedBytes: count.nullable(),
      budgetBytes: count,
      /** What did not fit or could not be read, in words. */
      omitted: z.array(z.string()),
      /** Of deep stacks: what the core does not hold, and the return addresses in it by which their depth is computed. */
      gaps: z.array(stackGap).optional(),
    })
    .nullable(),
  gdb: z.object({ version: z.string().nullable(), durationMs: count }).nullable(),
  /** For how long a live process was stopped, in milliseconds. */
  stoppedMs: z.number().nonnegative().nullable().optional(),
  /** Anything a reader should know: what was odd, what could not be read. */
  notes: z.array(z.string()),
});

export const recordSchema = z.object({
  schema: z.literal(RECORD_SCHEMA),
  /** Version of usercrash that wrote it. */
  usercrash: z.string(),
  /** Permanent name of this crash: boot id, pid, start ticks, time in µs, joined by `-`. */
  crashId: z.string().regex(/^[0-9a-f]{32}-\d+-\d+-\d+$/),
  /** `crash`, `live` (debugger <pid>) or `core` (debugger --core). */
  kind: z.string(),
  at: instant,
  /** Who may read the report, and so what was left out: see readers.ts. Of a crash only. May grow. */
  readers: z.string().optional(),
  /** Of a live process the one that its first thread was about to take, if any. */
  signal: signal.nullable(),
  process: identity,
  machine,
  /** 16 hex digits; build-id relative, so equal across runs and machines. */
  quickKey: z.string().nullable(),
  signature: z.object({ text: z.string(), hash: z.string() }).nullable(),
  /** 0 to 4, after satyr: how much of the crashed thread's backtrace has names and lines. */
  quality: z.number().min(0).max(4).nullable(),
  /** The one that crashed, or that was asked for, first. */
  threads: z.array(thread).nullable(),
  omittedThreads: count.nullable(),
  /** Of the first thread, in the order in which they are shown. */
  registers: z.array(z.object({ name: z.string(), value: address })).nullable(),
  stack: z.array(word).nullable(),
  memory: z.array(memoryWindow).nullable(),
  code: z.array(instruction).nullable(),
  source: z
    .object({
      file: z.string(),
      lines: z.array(z.object({ number: count, text: z.string(), current: z.boolean() })),
    })
    .nullable(),
  openFiles: z.object({ total: count, files: z.array(openFile) }).nullable(),
  maps: z.array(mapping).nullable(),
  omittedMaps: count.nullable(),
  modules: z.array(module_).nullable(),
  journal: z.object({ entries: z.array(journalEntry), omitted: count }).nullable(),
  /** Kernel stack of the first thread, innermost first. */
  kernelStack: z.array(z.string()).nullable(),
  /** Section name -> why it is not there. */
  missing: z.record(z.string(), z.string()),
  collection,
});

export type Record = z.infer<typeof recordSchema>;
export type Thread = z.infer<typeof thread>;
export type Activity = z.infer<typeof activity>;
export type Frame = z.infer<typeof frame>;
export type Variable = z.infer<typeof variable>;
export type Mapping = z.infer<typeof mapping>;
export type Module = z.infer<typeof module_>;
export type Word = z.infer<typeof word>;
export type MemoryWindow = z.infer<typeof memoryWindow>;
export type Instruction = z.infer<typeof instruction>;
export type JournalEntry = z.infer<typeof journalEntry>;
export type Instant = z.infer<typeof instant>;
export type Signal = z.infer<typeof signal>;
