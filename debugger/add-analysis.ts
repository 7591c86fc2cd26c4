import { type AnalysisInputs, analyse } from '../analysis/analyse.ts';
import { becomeUnprivileged } from '../analysis/become-unprivileged.ts';
import type { GdbLimits } from '../analysis/gdb/launch-gdb.ts';
import { prepareAnalysis } from '../analysis/prepare-analysis.ts';
import { closeOwnMounts, type OwnMounts } from '../capture/own-mounts.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { NOT_SELECTED } from '../report/select-sections.ts';

/** How a record is analysed, and whether. */
export interface AnalysisChoice {
  gdb: GdbLimits;
  /** Of the report; null for all. */
  sections: readonly string[] | null;
  interrupted: AbortSignal;
  /** Milliseconds since the epoch: now, and when we began. */
  now: () => number;
  startedMs: number;
}

/** Ends a step of the collection. */
export function endStep(record: CrashRecord, name: string, { now, startedMs }: AnalysisChoice): void {
  record.collection.steps.push({ name, atMs: Math.max(0, now() - startedMs) });
}

/** What only gdb and the journal tell. */
const ANALYSED = ['backtrace', 'threads', 'stack', 'memory', 'code', 'source', 'journal'];

/** The signals whose default action is a core: signal(7). */
const CORE_SIGNALS = new Set([3, 4, 5, 6, 7, 8, 11, 24, 25, 31]);

/**
 * Analyses a record that was not made by a crash of this moment, where its sections need it, in place. Of a process that
 * was alive no thread has crashed, so that there is no signature.
 */
export async function addAnalysis(
  record: CrashRecord,
  { mounts, ...inputs }: Omit<AnalysisInputs, 'gdb' | 'prepared'> & { mounts: OwnMounts | null },
  choice: AnalysisChoice,
): Promise<void> {
  const { gdb, sections, interrupted } = choice;
  if (sections === null || ANALYSED.some((name) => sections.includes(name))) {
    const prepared = prepareAnalysis(record, { mounts, runDir: null, limits: gdb });
    becomeUnprivileged();
    await analyse(record, { ...inputs, gdb: { ...gdb, interrupted }, prepared });
    interrupted.throwIfAborted();
    endStep(record, 'analysed', choice);
  } else {
    closeOwnMounts(mounts);
    for (const name of ANALYSED) if (name in record.missing) record.missing[name] = NOT_SELECTED;
  }
  if (hasCrashed(record)) return;
  for (const thread of record.threads ?? []) thread.crashed = false;
  record.signature = null;
}

/** gcore names the signal by which it stopped the process: one that kills nobody with a core. */
function hasCrashed({ kind, signal }: CrashRecord): boolean {
  return kind !== 'live' && signal !== null && CORE_SIGNALS.has(signal.number);
}
