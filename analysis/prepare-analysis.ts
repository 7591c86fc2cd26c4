import { closeOwnMounts, type OwnMounts } from '../capture/own-mounts.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { openCageProgram } from './cage/cage-program.ts';
import { type CageUser, cageUser } from './cage/cage-user.ts';
import type { GdbLimits } from './gdb/launch-gdb.ts';
import { type PreparedGdb, prepareGdb } from './gdb/prepared-gdb.ts';
import { SourceFiles } from './gdb/source-files.ts';
import { openSymbolIndexes } from './gdb/symbol-indexes.ts';
import { type JournalSync, syncJournal } from './sync-journal.ts';

/** What an analysis needs that only root can begin. */
export interface PreparedAnalysis {
  /** Null for a core, which has no journal. */
  journalSync: Promise<JournalSync> | null;
  sourceFiles: SourceFiles;
  /** A directory: see gdb/symbol-indexes.ts. */
  symbolIndexes: number | null;
  /** Null where we are not root, or there is no gdb. */
  gdb: PreparedGdb | null;
}

/**
 * Begins what only root may: journald listens to nobody else, source files are opened with the rights of the dead process's
 * user, and gdb's cage needs no user namespace then. Behind it root can be given up.
 *
 * @param given `mounts`: of a process with mounts of its own; a file of ours with the same path is not the one that it saw. Closed by it:
 *   who is not root any more is not to have them. `runDir`: the collector's; null for an analysis without one.
 * @throws Node's error or SystemCallError where a process cannot be started.
 */
export function prepareAnalysis(
  record: CrashRecord,
  { mounts, runDir, limits }: { mounts: OwnMounts | null; runDir: string | null; limits: GdbLimits },
): PreparedAnalysis {
  openCageProgram();
  const sourceFiles = new SourceFiles(sourceReaderOf(record), mounts);
  const hasOwnMounts = record.kind !== 'core' && record.process.ownMounts !== false;
  if (hasOwnMounts && mounts === null) {
    sourceFiles.close();
    if (record.collection.core !== null)
      record.collection.notes.push(
        'its source files were not looked for: what the process had mounted is not known any more',
      );
  } else sourceFiles.start();
  closeOwnMounts(mounts);
  return {
    journalSync: record.kind === 'core' ? null : syncJournal(),
    sourceFiles,
    symbolIndexes: runDir === null ? null : openSymbolIndexes(runDir),
    gdb: process.geteuid?.() === 0 ? preparedGdb(limits) : null,
  };
}

function preparedGdb(limits: GdbLimits): PreparedGdb | null {
  try {
    return prepareGdb(limits);
  } catch {
    return null; // Without it gdb is started later all the same, or the report says why not.
  }
}

/**
 * Whose source files a report may show: what the dead process could have read itself. One that was not dumpable had rights that
 * its user has not; a core from anywhere says of itself whose it was, and is shown to whoever asked.
 */
function sourceReaderOf({ kind, process: { uid, gid, dumpable } }: CrashRecord): CageUser | null {
  if (process.geteuid?.() !== 0) return null;
  if (kind === 'core') return { uid: 0, gid: 0 };
  return kind === 'live' || dumpable === 1 ? { uid, gid } : cageUser();
}
