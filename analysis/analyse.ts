import { closeSync } from 'node:fs';
import type { LoadedModule, StackGap } from '../capture/captured.ts';
import { bytesOfText } from '../report/bytes-text.ts';
import { qualityOf } from '../report/quality.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { signatureOf } from '../report/signature.ts';
import type { GdbLimits } from './gdb/launch-gdb.ts';
import { readJournalWindow } from './journal-window.ts';
import { readOwnSystem } from './own-system.ts';
import type { PreparedAnalysis } from './prepare-analysis.ts';
import { analyseWithGdb } from './run-gdb.ts';
import type { CapturedThreads } from './thread-place.ts';

/** What an analysis starts from, besides the captured record. */
export interface AnalysisInputs {
  /** The small core as gdb reads it; null where none could be taken. */
  core: Buffer | null;
  head: CapturedThreads;
  /** Their descriptors stay the caller's. */
  modules: readonly LoadedModule[];
  gdb: GdbLimits;
  /** What was begun for this record when we may still have been root; used up by it. */
  prepared: PreparedAnalysis;
}

/**
 * Fills the rest of a captured record, in place: backtraces, code, source, annotated stack and memory by gdb, the
 * journal's window, signature and quality. Never rejects for what it reads: a section that cannot be made has its
 * reason in `missing`.
 */
export async function analyse(record: CrashRecord, inputs: AnalysisInputs): Promise<void> {
  const names = new Map((record.threads ?? []).map(({ tid, name }) => [tid, name]));
  const threadNames = new Map<number, Buffer>();
  for (const [tid, name] of names) if (name !== null) threadNames.set(tid, bytesOfText(name));
  const { prepared } = inputs;
  const system = record.process.ownMounts === true ? readOwnSystem(prepared.sourceFiles) : null;
  // gdb starts in a process of its own while journald writes out what it holds.
  const gdb = analyseWithGdb(
    {
      core: inputs.core,
      head: inputs.head,
      modules: inputs.modules,
      gaps: gapsOf(record),
      mappings: record.maps ?? [],
      threadNames,
      sourceFiles: prepared.sourceFiles,
      symbolIndexes: prepared.symbolIndexes,
      prepared: prepared.gdb,
    },
    inputs.gdb,
  );
  await addJournal(record, prepared);
  const sections = await gdb;
  record.process.ownSystem = (await system) ?? null;
  prepared.sourceFiles.close();
  if (prepared.symbolIndexes !== null) closeSync(prepared.symbolIndexes);
  prepared.gdb?.close();
  // What was captured names every thread, also where the core could not be read.
  if (sections.threads.length > 0) record.threads = sections.threads;
  // Those that capture left out, or those that were left out of a stored core.
  record.omittedThreads = Math.max(record.omittedThreads ?? 0, sections.omittedThreads ?? 0);
  const { stack, memory, code, source } = sections;
  Object.assign(record, { stack, memory, code, source });
  for (const name of ['backtrace', 'stack', 'memory', 'code', 'source']) delete record.missing[name];
  Object.assign(record.missing, sections.missing);
  record.collection.gdb = sections.gdb;
  record.collection.notes.push(...sections.notes);
  record.signature = signatureOf(record);
  record.quality = qualityOf(record);
}

function gapsOf({ collection }: CrashRecord): StackGap[] {
  return (collection.core?.gaps ?? []).map(({ tid, start, end, returns, counted }) => ({
    tid,
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    returns: new Map(returns.map(({ address, count }) => [Number.parseInt(address, 16), count])),
    isCounted: counted,
  }));
}

/** The journal around the crash, up to now. */
async function addJournal(record: CrashRecord, { journalSync }: PreparedAnalysis): Promise<void> {
  if (journalSync === null) {
    record.missing['journal'] = 'a core does not tell when and on which machine it was made';
    return;
  }
  const sync = await journalSync;
  if (!sync.done) record.collection.notes.push(`The journal was not synchronised: ${sync.reason}`);
  const { pid, tid, uid, unit, started } = record.process;
  const window = readJournalWindow({
    pid,
    tid,
    bootId: record.machine.bootId,
    unit: unit === null ? null : bytesOfText(unit),
    startedUs: started?.us ?? null,
    crashUs: record.at.us,
    // The end of this millisecond: the lines of its beginning belong to the window.
    nowUs: (Date.now() + 1) * 1000,
    onlyUid: record.readers === 'owner' ? uid : null,
  });
  if ('missing' in window) {
    record.missing['journal'] = window.missing;
    return;
  }
  delete record.missing['journal'];
  record.journal = { entries: window.entries, omitted: window.omitted };
  record.collection.notes.push(...window.notes);
}
