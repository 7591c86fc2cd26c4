import { mkdirSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from '../config/own-directory.ts';
import type { RunSettings } from '../config/run-settings.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { PENDING_DIR } from '../report/pending-files.ts';

/**
 * What crashes may take of the run directory's file system, which is memory: some hundred of them. Those of one moment do not
 * know of each other, and may exceed it by as many small cores.
 */
const SPOOL_BYTES = 64 * 1024 * 1024;
/** Percent of it that stay free for others, whatever its size. */
const SPOOL_FREE_PERCENT = 10;

/** Where a client keeps a crash that it cannot give to a server; `.pending` in it is there. */
export interface KeepingPlace {
  directory: string;
  /** In memory, until the log directory can be used: there it is only kept, and not analysed. */
  isSpool: boolean;
  /** Why it is the spool; null where it is not. */
  why: string | null;
}

/**
 * The log directory; while that cannot be used (read-only, not mounted yet, not ours any more) the run directory.
 *
 * @throws {UsercrashError} E_NO_ROOM; Node's error where there is none in either.
 */
export function keepingPlace(runDir: string, settings: RunSettings): KeepingPlace {
  const { logDir, keepFreeBytes } = settings;
  try {
    ownDirectory(logDir, 0o755, 'USERCRASH_LOG_DIR');
    assertFree(logDir, keepFreeBytes);
    ownDirectory(join(logDir, PENDING_DIR), 0o700, 'USERCRASH_LOG_DIR');
    return { directory: logDir, isSpool: false, why: null };
  } catch (error) {
    // Memory is no place for what others' files have left no room for: that may last.
    if (hasErrno(error, 'E_NO_ROOM', 'ENOSPC', 'EDQUOT')) throw error;
    mkdirSync(join(runDir, PENDING_DIR), { recursive: true, mode: 0o700 });
    assertSpoolHasRoom(runDir);
    return { directory: runDir, isSpool: true, why: messageOf(error) };
  }
}

function assertFree(directory: string, leastBytes: number): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize >= leastBytes) return;
  const text = `${bavail * bsize} bytes are free on the file system, and ${leastBytes} are to stay free`;
  throw new UsercrashError('E_NO_ROOM', text);
}

function assertSpoolHasRoom(runDir: string): void {
  const { blocks, bsize } = statfsSync(runDir);
  assertFree(runDir, (blocks * bsize * SPOOL_FREE_PERCENT) / 100);
  const directory = join(runDir, PENDING_DIR);
  let bytes = 0;
  for (const name of readdirSync(directory)) {
    // Taken over by a server at this moment.
    bytes += statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  if (bytes < SPOOL_BYTES) return;
  const text = `${bytes} bytes of crashes wait in ${directory} already, over the limit of ${SPOOL_BYTES}`;
  throw new UsercrashError('E_NO_ROOM', text);
}
