import { type AnalysisInputs, analyse } from '../analysis/analyse.ts';
import { becomeUnprivileged } from '../analysis/become-unprivileged.ts';
import { prepareAnalysis } from '../analysis/prepare-analysis.ts';
import { DEFAULT_GDB_LIMITS } from '../analysis/run-gdb.ts';
import type { OwnMounts } from '../capture/own-mounts.ts';
import { readRunSettings } from '../config/run-settings.ts';
import { regainRights } from '../linux/lower-rights.ts';
import { setIdleIo } from '../linux/set-idle-io.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { renderJson } from '../report/render-json.ts';
import { renderText } from '../report/render-text.ts';
import { leaveOut } from './leave-out.ts';
import type { ReportTarget } from './report-target.ts';
import type { Steps } from './steps.ts';
import { writeWhole } from './write-whole.ts';

/** Where it was meant to: what the user may not see is left out already. */
const NOT_FOR_OWNER =
  'its user may not read this report: --owner-access is off by now, or the file system has no access control lists';

/**
 * Gives up root for good, analyses a crash, writes text and JSON, and says so. The crash is stored by now: whatever happens here, it
 * is not lost.
 *
 * @param read What the analysis starts from; called when this process is not root any more.
 * @param given `mounts`: of a process with mounts of its own; closed by it.
 * @throws Whatever keeps the report from being made or published, also where root cannot be given up.
 */
export async function makeReport(
  record: CrashRecord,
  read: () => Pick<AnalysisInputs, 'core' | 'head' | 'modules'>,
  given: { target: ReportTarget; steps: Steps; runDir: string; mounts: OwnMounts | null },
): Promise<void> {
  const started = performance.now();
  const { target, steps, runDir, mounts } = given;
  useIdleDisk();
  const { gdb, ownerAccess } = readRunSettings(runDir);
  // For what only root can begin; nothing is looked at meanwhile, and then they are given up for good.
  regainRights();
  // The files have no name that anybody else could open yet.
  const isForOwner = record.readers === 'owner' && ownerAccess && target.allowReading(record.process.uid);
  const limits = { ...DEFAULT_GDB_LIMITS, gdbPath: gdb };
  const prepared = prepareAnalysis(record, { mounts, runDir, limits });
  target.keepRoot();
  becomeUnprivileged();
  await analyse(record, { ...read(), prepared, gdb: limits });
  steps.ended('analysed');
  const isNewer = (name: string) => steps.list.some((step) => step.name === name);
  record.collection.steps = [...record.collection.steps.filter(({ name }) => !isNewer(name)), ...steps.list];
  leaveOut(record);
  if (record.readers === 'root') record.collection.core = null;
  if (record.readers === 'owner' && !isForOwner) {
    record.readers = 'group';
    record.collection.notes.push(NOT_FOR_OWNER);
  }
  writeWhole(target.files.json, Buffer.from(renderJson(record)));
  writeWhole(target.files.text, Buffer.from(renderText(record)));
  // Only now: until here another analysis might have needed it.
  if (record.readers === 'root') target.dropCore();
  const { text = '', hash = '' } = record.signature ?? {};
  const heldMs = record.collection.steps.find(({ name }) => name === 'released')?.atMs ?? 0;
  const analysisMs = performance.now() - started;
  await target.completed({ signature: text, signatureHash: hash, analysisMs, heldMs });
}

/** The crash is stored: gdb and its megabytes of symbols come after everybody else, as for the processor. */
function useIdleDisk(): void {
  try {
    setIdleIo();
  } catch {
    // A container's filter of system calls may forbid it: then it has the priority of its nice value.
  }
}
