import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { recordFromCapture } from '../analysis/record-from-capture.ts';
import { architectureOf } from '../capture/arch/architecture.ts';
import { readFileBuildId } from '../capture/build-id.ts';
import type { Captured } from '../capture/captured.ts';
import { ELF_MAGIC } from '../capture/elf/elf-magic.ts';
import { captureCore } from '../capture/file/capture-core.ts';
import { closeModules } from '../capture/open-modules.ts';
import { NotACoreError } from '../capture/read-core-head.ts';
import { VERSION } from '../config/version.ts';
import { printable } from '../report/printable-text.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { type AnalysisChoice, addAnalysis, endStep } from './add-analysis.ts';
import { CoreFileError } from './core-file-error.ts';
import { openFile } from './open-file.ts';
import { packingOf, unpackCore } from './unpack-core.ts';

/** The files that a person named. */
export interface CoreFiles {
  core: string;
  /** Null to look for it by the name that the core has for it. */
  executable: string | null;
  /** Directory with the file tree of the machine that the core is from. */
  sysroot: string;
}

/** What a core does not tell. */
const NO_BOOT = '0'.repeat(32);

/** Everything around the analysis of one core. */
export interface CoreContext {
  /** Where packed cores are unpacked to. */
  temporary: string;
  analysis: AnalysisChoice;
  /** Gets what a person should know at once. */
  warn: (text: string) => void;
}

/**
 * Looks at a core, packed or not, in bounded memory whatever its size.
 *
 * @throws {CoreFileError} {NotACoreError} With the reason why it cannot be looked at.
 */
export async function coreRecord(files: CoreFiles, context: CoreContext): Promise<CrashRecord> {
  requireDirectory(files.sysroot);
  const file = openFile(files.core);
  try {
    if (packingOf(file) === null) return await recordOf(file, { files, file, damage: null }, context);
    const named = { path: files.core, fd: file };
    const { fd, damage } = await unpackCore(named, context.temporary, context.analysis.interrupted);
    try {
      return await recordOf(fd, { files, file, damage }, context);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(file);
  }
}

/** @param source `file` is the core as it was named, packed or not. */
async function recordOf(
  core: number,
  source: { files: CoreFiles; file: number; damage: string | null },
  { analysis, warn }: CoreContext,
): Promise<CrashRecord> {
  const { files, file, damage } = source;
  const captured = captureFrom(core, files);
  try {
    if (captured.head.threads.length === 0) throw unusable(files.core, captured, damage);
    const notes = damage === null ? [] : [`The core is damaged, what came before is shown: ${damage}`];
    const cut = captured.head.warnings.filter((warning) => warning.startsWith('core: '));
    const told = cut.map((warning) => warning.replace('core', files.core));
    for (const text of [...notes, ...told, ...wrongExecutable(captured, files)]) warn(printable(text));
    const record = recordFromCore(captured, { atMs: fstatSync(file).mtimeMs, notes });
    if (files.sysroot !== '/' || files.executable !== null) record.process.package = null;
    endStep(record, 'read', analysis);
    const { head, modules } = captured;
    await addAnalysis(record, { core: captured.core?.bytes ?? null, head, modules, mounts: null }, analysis);
    return record;
  } finally {
    closeModules(captured.modules);
  }
}

function captureFrom(core: number, { core: path, executable, sysroot }: CoreFiles): Captured {
  const opened =
    executable === null ? null : { path: Buffer.from(resolve(executable)), fd: openElf(executable) };
  try {
    return captureCore(core, { sysroot, executable: opened });
  } catch (error) {
    if (opened !== null) closeSync(opened.fd);
    if (!(error instanceof NotACoreError)) throw error;
    throw new CoreFileError(path, `is no core: ${error.reason}`, { cause: error });
  }
}

function openElf(path: string): number {
  const fd = openFile(path);
  const magic = Buffer.alloc(ELF_MAGIC.length);
  readSync(fd, magic, 0, magic.length, 0);
  if (magic.equals(ELF_MAGIC)) return fd;
  closeSync(fd);
  throw new CoreFileError(path, 'is no executable: it does not begin like an ELF file');
}

function requireDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CoreFileError(path, 'is no directory');
  }
}

function unusable(path: string, { head }: Captured, damage: string | null): CoreFileError {
  const why = damage ?? head.warnings.find((warning) => warning.startsWith('core: ')) ?? 'it has no threads';
  return new CoreFileError(path, `holds no registers of any thread: ${why.replace(/^core: /, '')}`);
}

/** The analysis leaves out a file of another build, also where a person has named it: that must not go unnoticed. */
function wrongExecutable({ modules }: Captured, { executable }: CoreFiles): string[] {
  const module = modules.find(({ isExecutable }) => isExecutable);
  if (executable === null || module === undefined || module.fd === null || module.buildId === null) return [];
  const found = readFileBuildId(module.fd);
  if (found === module.buildId) return [];
  return [
    `${executable} is not used: its build-id is ${found ?? 'missing'}, in the core it is ${module.buildId}`,
  ];
}

function recordFromCore(captured: Captured, { atMs, notes }: { atMs: number; notes: string[] }): CrashRecord {
  const { process, threads, signal, machine } = captured.head;
  const pid = captured.snapshot.pid;
  const tid = threads[0]?.tid ?? pid;
  const atUs = Math.round(atMs * 1000);
  const record = recordFromCapture({
    captured,
    event: {
      usercrash: VERSION,
      crashId: `${NO_BOOT}-${pid}-0-${atUs}`,
      atUs,
      mode: 'core',
      kind: 'core',
      pid,
      tid,
      namespacePid: null,
      namespaceTid: null,
      uid: process?.uid ?? 0,
      gid: process?.gid ?? 0,
      dumpable: null,
      signalNumber: signal?.number ?? null,
      notes,
    },
    machine: {
      machine: {
        host: 'not known',
        os: null,
        kernel: 'not known',
        architecture: architectureOf(captured.head)?.name ?? `machine ${machine}`,
        bootId: NO_BOOT,
      },
      bootedUs: null,
    },
  });
  record.process.user = null; // Another machine may have another name for it.
  return record;
}
