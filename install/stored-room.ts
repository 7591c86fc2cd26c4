import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { amountInBytes } from '../config/amount.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { findReports } from '../report/find-reports.ts';
import { PENDING_DIR } from '../report/pending-files.ts';

/** What reports and waiting crashes take, against what they may. Bytes. */
export interface StoredRoom {
  reports: number;
  /** Crashes without a report yet; null where only root may know. */
  waiting: number | null;
  bytes: number;
  mayTake: number;
  free: number;
  keptFree: number;
  freeInodes: number;
}

const BLOCK_BYTES = 512;

/**
 * @param runDir Crashes wait there while the log directory cannot be used.
 * @returns Null where the log directory is not there.
 */
export async function storedRoom(
  { logDir, runDir }: { logDir: string; runDir: string },
  settings: Pick<ServerSettings, 'maxBytes' | 'keepFree'>,
): Promise<StoredRoom | null> {
  const fileSystem = await statfs(logDir).catch(ifMissing);
  if (fileSystem === null) return null;
  const { bsize, blocks, bavail, ffree } = fileSystem;
  const reports = await findReports(logDir);
  const ofReports = reports
    .flatMap(({ text, json, core }) => [text, json, core])
    .filter((file) => file !== null);
  const stored = await Promise.all(
    [logDir, runDir].map((directory) => waitingIn(join(directory, PENDING_DIR))),
  );
  const [inLog, inRun] = stored;
  return {
    reports: reports.length,
    waiting: inLog == null || inRun == null ? null : inLog.count + inRun.count,
    bytes: ofReports.reduce((sum, { bytes }) => sum + bytes, 0) + (inLog?.bytes ?? 0),
    mayTake: amountInBytes(settings.maxBytes, blocks * bsize),
    free: bavail * bsize,
    keptFree: amountInBytes(settings.keepFree, blocks * bsize),
    // Some file systems (btrfs) have no number of them.
    freeInodes: fileSystem.files === 0 ? Number.POSITIVE_INFINITY : ffree,
  };
}

/** A crash that waits has its event first: report/pending-files.ts. Null where only root may look. */
async function waitingIn(directory: string): Promise<{ count: number; bytes: number } | null> {
  try {
    const names = await readdir(directory);
    const sizes = await Promise.all(
      names.map(
        async (name) => ((await lstat(join(directory, name)).catch(ifMissing))?.blocks ?? 0) * BLOCK_BYTES,
      ),
    );
    const count = names.filter((name) => name.endsWith('.event')).length;
    return { count, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return { count: 0, bytes: 0 };
    if (hasErrno(error, 'EACCES')) return null;
    throw error;
  }
}

function ifMissing(error: unknown): null {
  if (hasErrno(error, 'ENOENT')) return null;
  throw error;
}
