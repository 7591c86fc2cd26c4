import { architectureOf } from '../capture/arch/architecture.ts';
import type { Captured, LoadedModule, SignalNote, StackGap } from '../capture/captured.ts';
import { parseCgroup } from '../capture/proc/parse-cgroup.ts';
import { parseFdinfo } from '../capture/proc/parse-fdinfo.ts';
import { idInside } from '../capture/proc/parse-id-map.ts';
import { parseLimits } from '../capture/proc/parse-limits.ts';
import { parseStat } from '../capture/proc/parse-stat.ts';
import { parseStatus } from '../capture/proc/parse-status.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import { instantOf } from '../report/instant.ts';
import { type Record as CrashRecord, RECORD_SCHEMA } from '../report/record.ts';
import { describeSignal } from '../report/signals.ts';
import { chooseMaps } from './choose-maps.ts';
import { containerOf } from './container-of.ts';
import type { MachineFacts } from './machine.ts';
import { packageOf } from './package-of.ts';
import { threadPlace } from './thread-place.ts';
import { userName } from './user-name.ts';

/** What is known of a crash besides what capture took: from the kernel's arguments or the socket's peer. */
export interface CrashFacts {
  /** Version of usercrash. */
  usercrash: string;
  crashId: string;
  /** Microseconds since the epoch. */
  atUs: number;
  /** `pipe`, `socket`, `live`, `core` */
  mode: string;
  /** `crash`, `live`, `core` */
  kind: string;
  /** In the initial pid namespace, as `tid`. */
  pid: number;
  tid: number;
  namespacePid: number | null;
  namespaceTid: number | null;
  uid: number;
  gid: number;
  /** core(5) %d */
  dumpable: number | null;
  /** Null for a live process. */
  signalNumber: number | null;
  /** Milliseconds since we saw the crash at which each step had ended. */
  steps?: CrashRecord['collection']['steps'];
  notes?: readonly string[];
}

/** Why the sections that gdb and the journal fill are not there yet; analysis takes the reason away. */
export const NOT_ANALYSED = 'analysis has not run';

/** Entries and bytes of a command line or an environment that the record holds; the kernel allows 6 MiB. */
const MAX_STRINGS = 4096;
const MAX_STRINGS_BYTES = 256 * 1024;
/** Ticks of /proc/PID/stat: USER_HZ, 100 on every architecture that we know. */
const TICK_US = 10_000;
/** Kernel stacks are 10 to 30 functions deep. */
const MAX_KERNEL_FRAMES = 256;

/**
 * The half of the record that capture alone tells: everything that needs no gdb and no journal. For the rest `missing`
 * says {@link NOT_ANALYSED}. Called after the release of the process: looking up user and package takes up to some tens
 * of milliseconds, with a limit.
 *
 * @param machine From readMachine(), on the machine and in the boot of the crash.
 */
export function recordFromCapture(input: {
  captured: Captured;
  event: CrashFacts;
  machine: MachineFacts;
}): CrashRecord {
  const { captured, event, machine } = input;
  const { head, snapshot } = captured;
  const notes = [...(event.notes ?? []), ...head.warnings];
  const missing: CrashRecord['missing'] = {};
  for (const section of ['backtrace', 'stack', 'memory', 'code', 'source', 'journal'])
    missing[section] = NOT_ANALYSED;
  const absent = (section: string, item: string) => {
    missing[section] = snapshot.failures.get(item) ?? 'not collected';
    return null;
  };
  const maps = snapshot.maps === null ? null : chooseMaps(snapshot.maps, head.threads);
  const record: CrashRecord = {
    schema: RECORD_SCHEMA,
    usercrash: event.usercrash,
    crashId: event.crashId,
    kind: event.kind,
    at: instantOf(event.atUs),
    signal: signalOf(head.signal, event.signalNumber),
    process: processOf(input, notes),
    machine: machine.machine,
    quickKey: captured.quickKey,
    signature: null,
    quality: null,
    threads: head.threads.length === 0 ? absent('threads', 'threads') : threadsOf(captured, event.tid),
    omittedThreads: head.omittedThreads,
    registers: head.threads[0] ? registersOf(head.threads[0].registers) : absent('registers', 'registers'),
    stack: null,
    memory: null,
    code: null,
    source: null,
    openFiles: snapshot.descriptorCount === null ? absent('openFiles', 'fd') : openFilesOf(captured),
    maps: maps === null ? absent('maps', 'maps') : maps.chosen,
    omittedMaps: maps?.omitted ?? null,
    modules: captured.modules.map(moduleOf),
    journal: null,
    kernelStack:
      snapshot.kernelStack === null ? absent('kernel', 'kernelStack') : linesOf(snapshot.kernelStack),
    missing,
    collection: {
      mode: event.mode,
      steps: [...(event.steps ?? [])],
      core: captured.core && {
        bytes: captured.core.bytes.length,
        compressedBytes: null,
        budgetBytes: captured.core.budgetBytes,
        omitted: [...captured.core.omitted],
        gaps: captured.core.gaps.map(gapOf),
      },
      gdb: null,
      notes,
    },
  };
  // Reasons that belong to no section: the process's own files.
  for (const [item, reason] of snapshot.failures) {
    if (!Object.values(missing).includes(reason)) notes.push(`${item}: ${reason}`);
  }
  return record;
}

function signalOf(note: SignalNote | null, number: number | null): CrashRecord['signal'] {
  if (note !== null) return describeSignal(note);
  return number === null ? null : describeSignal({ number, code: null, address: null, sender: null });
}

function processOf(
  { captured, event, machine }: { captured: Captured; event: CrashFacts; machine: MachineFacts },
  notes: string[],
): CrashRecord['process'] {
  const { snapshot, head } = captured;
  const stat = snapshot.stat && parseStat(snapshot.stat);
  const cgroup = snapshot.cgroup && parseCgroup(snapshot.cgroup);
  const executable = captured.modules.find((module) => module.isExecutable) ?? null;
  const container = containerOf(cgroup, snapshot);
  const { users = null, hasOwnMounts = null } = snapshot.namespaces ?? {};
  const exe = exeOf(snapshot.exe, executable);
  const startedUs = stat && machine.bootedUs !== null ? machine.bootedUs + stat.startTicks * TICK_US : null;
  const parentPid = stat?.parentPid ?? head.process?.parentPid ?? null;
  return {
    pid: event.pid,
    tid: event.tid,
    namespacePid: event.namespacePid,
    namespaceTid: event.namespaceTid,
    comm: textOfBytes(
      stat?.comm ?? snapshot.threadNames.get(event.pid) ?? head.process?.comm ?? Buffer.alloc(0),
    ),
    exe: exe && textOfBytes(exe.path),
    exeDeleted: exe?.deleted ?? null,
    architecture: architectureOf(head)?.name ?? null,
    addressBits: head.machine === 0 ? null : head.bits,
    commandLine: stringsOf(snapshot.cmdline, 'command line', notes),
    cwd: snapshot.cwd && textOfBytes(snapshot.cwd),
    root: snapshot.root && textOfBytes(snapshot.root),
    uid: event.uid,
    gid: event.gid,
    namespaceUid: users && idInside(users.uidMap, event.uid),
    namespaceGid: users && idInside(users.gidMap, event.gid),
    user: userName(event.uid),
    parent:
      parentPid === null
        ? null
        : { pid: parentPid, comm: snapshot.parentComm && commOf(snapshot.parentComm) },
    started: startedUs === null ? null : instantOf(startedUs),
    startTicks: stat?.startTicks ?? null,
    uptimeMs: startedUs === null ? null : Math.max(0, Math.round((event.atUs - startedUs) / 1000)),
    dumpable: event.dumpable,
    environment: stringsOf(snapshot.environ, 'environment', notes),
    limits:
      snapshot.limits && parseLimits(snapshot.limits).map(({ name, soft, hard }) => ({ name, soft, hard })),
    cgroup: cgroup?.lines.map(textOfBytes) ?? null,
    unit: cgroup?.unit ? textOfBytes(cgroup.unit) : null,
    userUnit: cgroup?.userUnit ? textOfBytes(cgroup.userUnit) : null,
    unitInside: cgroup?.unitInside ? textOfBytes(cgroup.unitInside) : null,
    container: container?.id ? textOfBytes(container.id) : null,
    containerEngine: container?.engine ?? null,
    containerToldBy: container?.toldBy ?? null,
    pod: container?.pod ? textOfBytes(container.pod) : null,
    ownMounts: hasOwnMounts,
    status:
      snapshot.status &&
      parseStatus(snapshot.status).map(({ name, value }) => ({ name, value: textOfBytes(value) })),
    buildId: executable?.buildId ?? null,
    package: exe === null || exe.deleted ? null : packageOfExecutable(exe.path, executable, hasOwnMounts),
  };
}

/** Asking for the file by its path may wait for its file system, and without the file that ran a path is not enough of one that is not ours. */
function packageOfExecutable(path: Buffer, module: LoadedModule | null, hasOwnMounts: boolean | null) {
  const fd = module?.fd ?? null;
  if (module?.mayBlock === true || (fd === null && hasOwnMounts === true)) return null;
  return packageOf(path, fd);
}

/** /proc/PID/exe without the kernel's ` (deleted)`, which a file's own name may also end in: the module knows. */
function exeOf(link: Buffer | null, module: LoadedModule | null): { path: Buffer; deleted: boolean } | null {
  if (module?.path) return { path: module.path, deleted: module.deleted };
  if (link === null) return null;
  const suffix = Buffer.from(' (deleted)');
  const deleted = link.subarray(-suffix.length).equals(suffix);
  return { path: deleted ? link.subarray(0, -suffix.length) : link, deleted };
}

/** /proc/PID/cmdline and environ: strings that end with NUL. */
function stringsOf(bytes: Buffer | null, what: string, notes: string[]): string[] | null {
  if (bytes === null) return null;
  const kept = bytes.subarray(0, MAX_STRINGS_BYTES);
  const strings: string[] = [];
  for (let from = 0; from < kept.length && strings.length < MAX_STRINGS; ) {
    const nul = kept.indexOf(0, from);
    const end = nul === -1 ? kept.length : nul;
    strings.push(textOfBytes(kept.subarray(from, end)));
    from = end + 1;
  }
  if (kept.length < bytes.length || strings.length === MAX_STRINGS) {
    notes.push(`${what}: the first ${strings.length} strings of ${bytes.length} bytes in all`);
  }
  return strings;
}

function threadsOf({ head, snapshot }: Captured, crashedTid: number): CrashRecord['threads'] {
  const crashed = head.threads.some((thread) => thread.tid === crashedTid)
    ? crashedTid
    : head.threads[0]?.tid;
  return head.threads.map(({ tid, registers }) => {
    const { pc, sp } = threadPlace(registers, head);
    const name = snapshot.threadNames.get(tid);
    return {
      tid,
      name: name === undefined ? null : textOfBytes(name),
      crashed: tid === crashed,
      pc: hex(pc),
      sp: hex(sp),
      frames: null,
      omittedFrames: null,
      omittedAfter: null,
    };
  });
}

function registersOf(registers: ReadonlyMap<string, bigint>): CrashRecord['registers'] {
  return [...registers].map(([name, value]) => ({ name, value: address(value) }));
}

function openFilesOf({ snapshot }: Captured): CrashRecord['openFiles'] {
  const files = snapshot.descriptors.map(({ fd, target, info }) => {
    const { flags, position } = info === null ? { flags: null, position: null } : parseFdinfo(info);
    return { fd, target: textOfBytes(target), flags, position };
  });
  return { total: Math.max(snapshot.descriptorCount ?? 0, files.length), files };
}

function moduleOf(module: LoadedModule): NonNullable<CrashRecord['modules']>[number] {
  return {
    name: textOfBytes(module.name),
    path: module.path && textOfBytes(module.path),
    base: address(module.base),
    start: address(module.start),
    end: address(module.end),
    buildId: module.buildId,
    deleted: module.deleted,
  };
}

function gapOf({ tid, start, end, returns, isCounted }: StackGap) {
  return {
    tid,
    start: address(BigInt(start)),
    end: address(BigInt(end)),
    returns: Array.from(returns, ([at, count]) => ({ address: address(BigInt(at)), count })),
    counted: isCounted,
  };
}

function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n');
  return lines.filter((line) => line !== '').slice(0, MAX_KERNEL_FRAMES);
}

/** comm as /proc/PID/comm ends it, with a newline that is not part of it. */
function commOf(bytes: Buffer): string {
  return textOfBytes(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes);
}

function hex(value: bigint | null): string | null {
  return value === null ? null : address(value);
}

/** 16 digits, as the record has them. */
function address(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(16, '0');
}
