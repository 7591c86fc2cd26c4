import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type AnalysisInputs, analyse } from '../analysis/analyse.ts';
import { readMachine } from '../analysis/machine.ts';
import { recordFromCapture } from '../analysis/record-from-capture.ts';
import { recordedModules, reopenModules } from '../analysis/reopen-modules.ts';
import { DEFAULT_GDB_LIMITS } from '../analysis/run-gdb.ts';
import type { Captured, LoadedModule } from '../capture/captured.ts';
import { bytesSource } from '../capture/core-source.ts';
import { emptyHead, readCoreHead } from '../capture/read-core-head.ts';
import { readRunSettings } from '../config/run-settings.ts';
import { VERSION } from '../config/version.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { gettid } from '../linux/gettid.ts';
import { isOutOfRoom } from '../linux/is-out-of-room.ts';
import { setNonDumpable } from '../linux/prctl.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { type CrashEvent, Reason } from '../protocol/codec.ts';
import type { KernelArguments } from '../protocol/kernel-arguments.ts';
import { NO_ROOM_EXIT } from '../protocol/no-room-exit.ts';
import { isRefusedFor } from '../protocol/server-connection.ts';
import { leaveOutMemory } from '../report/leave-out-memory.ts';
import { leaveOutOthers } from '../report/leave-out-others.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { renderJson } from '../report/render-json.ts';
import { renderText } from '../report/render-text.ts';
import { countExcluded } from './count-excluded.ts';
import { crashEventOf, type Mode } from './crash-event.ts';
import { exclusionOf } from './exclusion-of.ts';
import { kernelLog } from './kernel-log.ts';
import { moduleFilesOf } from './module-files.ts';
import { readersOf } from './readers-of.ts';
import { type Repeat, RepeatError, ReportTarget } from './report-target.ts';
import { crashTimeUs, Steps, type StepsData } from './steps.ts';

/** Nice value of everything after the release; gdb is nicer still. */
const PATIENT = 10;
/** A small core is at most 8 MiB by default; one that claims to unpack to more than this is none of ours. */
const MAX_CORE_BYTES = 1024 ** 3;

/** Where it was meant to: what the user may not see is left out already. */
const NOT_FOR_OWNER =
  'its user may not read this report: --owner-access is off by now, or the file system has no access control lists';

/** A crash whose process has been let go. */
export interface ReleasedCrash {
  kernel: KernelArguments;
  captured: Captured;
  steps: StepsData;
  mode: Mode;
}

/**
 * Everything after the release: nobody waits any more. Leaves no descriptor of the crash open.
 *
 * @param stored Called when what was captured is with the server, or in `.pending`.
 * @returns Where the server refused the crash as a repeat: of what, and for how long it will.
 */
export async function finishCrash(crash: ReleasedCrash, stored: () => void): Promise<Repeat | null> {
  setNonDumpable(); // This process holds another's memory.
  // Whoever was waiting for the process goes first, and the kernel that takes its memory apart.
  setPriority(gettid(), PATIENT);
  const steps = new Steps(crash.steps.seenNs, crash.steps.ended);
  const { runDir } = crash.kernel;
  const excludedBy = exclusionOf(crash.captured.snapshot, readRunSettings(runDir).excluded) ?? '';
  const event = { ...crashEventOf(crash, crashTimeUs(crash.kernel.time, steps.seenMs)), excludedBy };
  let target: ReportTarget | null = null;
  try {
    if (excludedBy !== '') {
      countExcluded(runDir, event);
      return null;
    }
    target = ReportTarget.open(runDir, event);
    steps.ended('report granted');
    await fillTarget(crash, { event, target, steps, stored });
    return null;
  } catch (error) {
    // Both are in the history already.
    if (error instanceof RepeatError) return event.repeatOf === '' ? error.repeat : null;
    if (isRefusedFor(error, Reason.NO_ROOM)) return null;
    target?.aborted(error);
    throw error;
  } finally {
    target?.close();
    closeFiles(crash.captured.modules);
  }
}

async function fillTarget(
  { kernel, captured }: ReleasedCrash,
  {
    event,
    target,
    steps,
    stored,
  }: { event: CrashEvent; target: ReportTarget; steps: Steps; stored: () => void },
): Promise<void> {
  const record = recordFromCapture({
    captured,
    event: {
      usercrash: VERSION,
      crashId: event.crashId,
      atUs: event.atUs,
      mode: event.mode,
      kind: 'crash',
      pid: kernel.pid,
      tid: kernel.tid,
      namespacePid: kernel.namespacePid,
      namespaceTid: kernel.namespaceTid,
      uid: kernel.uid,
      gid: kernel.gid,
      dumpable: kernel.dumpable,
      signalNumber: kernel.signal,
      notes: target.notes,
    },
    machine: readMachine(),
  });
  record.readers = readersOf({ captured, kernel }, readRunSettings(kernel.runDir).ownerAccess);
  leaveOut(record);
  const core = captured.core?.bytes ?? null;
  const compressed = core === null ? Buffer.alloc(0) : zstdCompressSync(core);
  if (record.collection.core !== null) record.collection.core.compressedBytes = compressed.length;
  writeCoreIfThereIsRoom(target.files.core, compressed, record);
  steps.ended('stored');
  record.collection.steps = steps.list;
  write(target.files.captured, Buffer.from(renderJson(record)));
  const files = moduleFilesOf(captured);
  const verdict = target.captured(compressed.length, steps.atMs('released'), files);
  stored();
  if (verdict === 'deferred') return;
  const inputs = { core, head: captured.head, modules: captured.modules };
  await report(record, inputs, { target, steps, runDir: kernel.runDir });
}

/**
 * `usercrash-client RUNDIR --resume CRASHID [--without-gdb]`: analyses a deferred crash, for the server that started it.
 *
 * @returns The exit code: 0 published, 1 failed, 2 usage, 75 no room.
 */
export async function resumeCrash(words: readonly string[]): Promise<number> {
  const [runDir = '', flag, crashId = '', ...rest] = words;
  if (!runDir.startsWith('/') || flag !== '--resume' || rest.some((word) => word !== '--without-gdb')) {
    console.error('usage: usercrash-client RUNDIR --resume CRASHID [--without-gdb]');
    return 2;
  }
  const isWithoutGdb = rest.length > 0;
  let target: ReportTarget | null = null;
  try {
    const steps = new Steps();
    target = ReportTarget.resume(runDir, crashId);
    const { readRecord } = await import('../report/read-record.ts');
    const record = readRecord(read(target.files.captured));
    const core = isWithoutGdb ? null : unpacked(read(target.files.core));
    const head = core === null ? emptyHead(0) : readCoreHead(bytesSource(core));
    record.collection.notes.push('analysed later: there was no place for another analysis when it crashed');
    if (isWithoutGdb) record.collection.notes.push('analysed without gdb, after it had failed');
    const { modules, opened, notes } = isWithoutGdb
      ? { modules: recordedModules(record), opened: [], notes: [] }
      : reopenModules(record, target.modules);
    record.collection.notes.push(...notes);
    await report(record, { core, head, modules }, { target, steps, runDir });
    for (const fd of opened) closeSync(fd);
    return 0;
  } catch (error) {
    target?.aborted(error);
    kernelLog('error', `crash ${crashId}: not analysed: ${messageOf(error)}`);
    console.error(messageOf(error));
    return hasNoRoom(error) ? NO_ROOM_EXIT : 1;
  } finally {
    target?.close();
  }
}

/** Here, or where the server would have stored it. */
function hasNoRoom(error: unknown): boolean {
  return isOutOfRoom(error) || isRefusedFor(error, Reason.STORAGE);
}

/** Analyses, writes text and JSON, and says so. */
async function report(
  record: CrashRecord,
  inputs: Omit<AnalysisInputs, 'gdb'>,
  context: { target: ReportTarget; steps: Steps; runDir: string },
): Promise<void> {
  const { target, steps, runDir } = context;
  const started = performance.now();
  const { gdb: gdbPath, ownerAccess } = readRunSettings(runDir);
  const gdb = { ...DEFAULT_GDB_LIMITS, gdbPath };
  await analyse(record, { ...inputs, gdb });
  steps.ended('analysed');
  record.collection.steps = [
    ...record.collection.steps.filter(({ name }) => !has(steps, name)),
    ...steps.list,
  ];
  leaveOut(record);
  if (record.readers === 'root') record.collection.core = null;
  if (record.readers === 'owner' && !(ownerAccess && target.allowReading(record.process.uid))) {
    record.readers = 'group';
    record.collection.notes.push(NOT_FOR_OWNER);
  }
  write(target.files.json, Buffer.from(renderJson(record)));
  write(target.files.text, Buffer.from(renderText(record)));
  // Only now: until here another analysis might have needed it.
  if (record.readers === 'root') target.dropCore();
  const { text = '', hash = '' } = record.signature ?? {};
  const heldMs = record.collection.steps.find(({ name }) => name === 'released')?.atMs ?? 0;
  const analysisMs = performance.now() - started;
  target.completed({ signature: text, signatureHash: hash, analysisMs, heldMs });
}

/** What not everybody who may read the report may see. */
function leaveOut(record: CrashRecord): void {
  if (record.readers === 'root') leaveOutMemory(record);
  if (record.readers === 'owner') leaveOutOthers(record);
}

/** The report is worth more than the core: on a full disk it does without. */
function writeCoreIfThereIsRoom(fd: number, compressed: Buffer, record: CrashRecord): void {
  try {
    write(fd, compressed);
  } catch (error) {
    if (!hasErrno(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) throw error;
    ftruncateSync(fd, 0);
    record.collection.notes.push(`The core was not kept: ${messageOf(error)}`);
    if (record.collection.core !== null) record.collection.core.compressedBytes = null;
  }
}

function closeFiles(modules: readonly LoadedModule[]): void {
  for (const { fd } of modules) if (fd !== null) closeSync(fd);
}

function has(steps: Steps, name: string): boolean {
  return steps.list.some((step) => step.name === name);
}

/** Writes a whole file; the descriptor's own position is shared with the server and not used. */
function write(fd: number, bytes: Buffer): void {
  ftruncateSync(fd, 0);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at);
}

function read(fd: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  let at = 0;
  while (at < bytes.length) {
    const length = readSync(fd, bytes, at, bytes.length - at, at);
    if (length === 0) break;
    at += length;
  }
  return bytes.subarray(0, at);
}

function unpacked(compressed: Buffer): Buffer | null {
  if (compressed.length === 0) return null;
  try {
    return zstdDecompressSync(compressed, { maxOutputLength: MAX_CORE_BYTES });
  } catch (error) {
    throw new UsercrashError('E_CORE_DAMAGED', `The stored core cannot be unpacked: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
