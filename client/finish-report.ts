import { closeSync, fstatSync, ftruncateSync, readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { readMachine } from '../analysis/machine.ts';
import { recordFromCapture } from '../analysis/record-from-capture.ts';
import { recordedModules, reopenModules } from '../analysis/reopen-modules.ts';
import type { Captured, LoadedModule } from '../capture/captured.ts';
import { bytesSource } from '../capture/core-source.ts';
import { closeOwnMounts } from '../capture/own-mounts.ts';
import { emptyHead, readCoreHead } from '../capture/read-core-head.ts';
import { readRunSettings } from '../config/run-settings.ts';
import { VERSION } from '../config/version.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { gettid } from '../linux/gettid.ts';
import { isOutOfRoom } from '../linux/is-out-of-room.ts';
import { setNonDumpable, setThreadName } from '../linux/prctl.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { type CrashEvent, Reason } from '../protocol/codec.ts';
import type { KernelArguments } from '../protocol/kernel-arguments.ts';
import { NO_ROOM_EXIT } from '../protocol/no-room-exit.ts';
import { isRefusedFor } from '../protocol/server-connection.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { renderJson } from '../report/render-json.ts';
import type { Analyser } from './analyser.ts';
import { confineClient } from './confine-client.ts';
import { countExcluded } from './count-excluded.ts';
import { crashEventOf, type Mode } from './crash-event.ts';
import { exclusionOf } from './exclusion-of.ts';
import { handOver } from './hand-over.ts';
import { kernelLog } from './kernel-log.ts';
import { leaveOut } from './leave-out.ts';
import { leavePlace } from './leave-place.ts';
import { loopGuard } from './loop-guard.ts';
import { makeReport } from './make-report.ts';
import { moduleFilesOf } from './module-files.ts';
import { PATIENT } from './patient.ts';
import { readersOf } from './readers-of.ts';
import { type Repeat, RepeatError, ReportTarget } from './report-target.ts';
import { crashTimeUs, Steps, type StepsData } from './steps.ts';
import { workUnprivileged } from './work-unprivileged.ts';
import { writeWhole } from './write-whole.ts';

/** A small core is at most 8 MiB by default; one that claims to unpack to more than this is none of ours. */
const MAX_CORE_BYTES = 1024 ** 3;

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
 * @param options `stored`: called when what was captured is with the server, or in `.pending`. `analyser`: who analyses it; null for
 *   this process, which gives up root for that.
 * @returns Where the server refused the crash as a repeat: of what, and for how long it will.
 */
export async function finishCrash(
  crash: ReleasedCrash,
  options: { stored: () => void; analyser: Analyser | null },
): Promise<Repeat | null> {
  setNonDumpable(); // This process holds another's memory.
  // Whoever was waiting for the process goes first, and the kernel that takes its memory apart.
  setPriority(gettid(), PATIENT);
  const steps = new Steps(crash.steps.seenNs, crash.steps.ended);
  const { runDir } = crash.kernel;
  const { snapshot } = crash.captured;
  const excludedBy =
    exclusionOf(snapshot, readRunSettings(runDir).excluded) ??
    (crash.mode === 'socket' ? loopGuard(snapshot.limits) : null) ??
    '';
  const event = { ...crashEventOf(crash, crashTimeUs(crash.kernel.time, steps.seenMs)), excludedBy };
  let target: ReportTarget | null = null;
  let ended: { ended: Promise<void> } | null = null;
  try {
    if (excludedBy !== '') {
      countExcluded(runDir, event);
      return null;
    }
    target = ReportTarget.open(runDir, event);
    steps.ended('report granted');
    ended = await fillTarget(crash, { event, target, steps, ...options });
  } catch (error) {
    // Both are in the history already.
    if (error instanceof RepeatError) return error.repeat;
    if (isRefusedFor(error, Reason.NO_ROOM)) return null;
    target?.aborted(error);
    throw error;
  } finally {
    target?.close();
    closeFiles(crash.captured.modules);
    closeOwnMounts(crash.captured.mounts);
  }
  await ended?.ended;
  return null;
}

async function fillTarget(
  { kernel, captured }: ReleasedCrash,
  given: {
    event: CrashEvent;
    target: ReportTarget;
    steps: Steps;
    stored: () => void;
    analyser: Analyser | null;
  },
): Promise<{ ended: Promise<void> } | null> {
  const { event, target, steps, stored, analyser } = given;
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
  writeWhole(target.files.captured, Buffer.from(renderJson(record)));
  const files = moduleFilesOf(captured);
  const verdict = target.captured(compressed.length, steps.atMs('released'), files);
  stored();
  if (verdict === 'deferred') return null;
  if (analyser !== null) return handOver(captured, { record, target, steps, analyser });
  leavePlace(kernel.runDir);
  const { head, modules, mounts } = captured;
  captured.mounts = null;
  await makeReport(record, () => ({ core, head, modules }), { target, steps, runDir: kernel.runDir, mounts });
  return null;
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
    setThreadName('usercrash-client');
    workUnprivileged('all');
    confineClient();
    target = ReportTarget.resume(runDir, crashId);
    const { readRecord } = await import('../report/read-record.ts');
    const record = readRecord(read(target.files.captured));
    record.collection.notes.push('analysed later: there was no place for another analysis when it crashed');
    if (isWithoutGdb) record.collection.notes.push('analysed without gdb, after it had failed');
    // Opened as root, and not looked into: a program may lie where only its user can go.
    const { modules, opened, notes } = isWithoutGdb
      ? { modules: recordedModules(record), opened: [], notes: [] }
      : reopenModules(record, target.modules);
    record.collection.notes.push(...notes);
    const { core: packed } = target.files;
    const inputs = () => {
      const core = isWithoutGdb ? null : unpacked(read(packed));
      return { core, head: core === null ? emptyHead(0) : readCoreHead(bytesSource(core)), modules };
    };
    await makeReport(record, inputs, { target, steps, runDir, mounts: target.mounts });
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

/** The report is worth more than the core: on a full disk it does without. */
function writeCoreIfThereIsRoom(fd: number, compressed: Buffer, record: CrashRecord): void {
  try {
    writeWhole(fd, compressed);
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
