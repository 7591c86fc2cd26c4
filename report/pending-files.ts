import { join } from 'node:path';

/** Directory of crashes that have no report yet, in the log directory. */
export const PENDING_DIR = '.pending';

/** Mode of a report's files: root and the group may read, nobody else. It holds memory and environments. */
export const REPORT_MODE = 0o640;
/** Of the report of a process that only root may read. */
const ROOT_ONLY_MODE = 0o600;

/**
 * Whose the files of a crash are.
 *
 * @param dumpable core(5) %d: what is not 1 is root's alone.
 * @param group Numeric group that may read reports, or null for root's.
 */
export function reportOwnership(
  dumpable: number,
  group: number | null,
): { mode: number; group: number | null } {
  return dumpable === 1 ? { mode: REPORT_MODE, group } : { mode: ROOT_ONLY_MODE, group: null };
}

/**
 * The files of one crash in `.pending`. They get their names in this order, so that the later ones vouch for the
 * earlier:
 *
 * 1. `event`: the CrashEvent, as the packet that the server was or would have been sent;
 * 2. `core`: the small core, zstd;
 * 3. `captured`: the record as it was when the process was let go. From here on the crash can be analysed;
 * 4. `json`, 5. `text`: the report. From here on it can be published.
 *
 * Whoever works on a crash holds the flock of `captured`.
 */
export interface PendingFiles {
  event: string;
  core: string;
  captured: string;
  json: string;
  text: string;
}

/** Paths of a crash's files, which may or may not exist. */
export function pendingFiles(logDir: string, crashId: string): PendingFiles {
  const base = join(logDir, PENDING_DIR, crashId);
  return {
    event: `${base}.event`,
    core: `${base}.core.zst`,
    captured: `${base}.captured`,
    json: `${base}.json`,
    text: `${base}.txt`,
  };
}
