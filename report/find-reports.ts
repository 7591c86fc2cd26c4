import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a report. */
export interface ReportFile {
  path: string;
  bytes: number;
  mtimeMs: number;
}

/** A published report. */
export interface FoundReport {
  /** NN: a place that is used again, not a name of the crash. */
  slot: number;
  /** `usercrash_07` */
  name: string;
  text: ReportFile;
  /** Null where it is gone. */
  json: ReportFile | null;
  /** The small core; null where it is gone or nothing could be captured. */
  core: ReportFile | null;
}

/**
 * The reports of a log directory, newest first; no report without its text, because that is published last. Whatever
 * else lies there is passed over, and a report that is replaced while we look is told as it is then or not at all.
 *
 * @throws Node's error where the directory is there and cannot be read; a missing one has no reports.
 */
export async function findReports(logDir: string): Promise<FoundReport[]> {
  const found = await Promise.all((await namesIn(logDir)).map((name) => reportOf(logDir, name)));
  return found
    .filter((report) => report !== null)
    .sort((one, other) => other.text.mtimeMs - one.text.mtimeMs || one.slot - other.slot);
}

async function reportOf(logDir: string, name: string): Promise<FoundReport | null> {
  const digits = /^usercrash_(\d{2}|[1-9]\d{2,3})$/.exec(name)?.[1];
  if (digits === undefined) return null;
  const path = join(logDir, name);
  const [text, json, core] = await Promise.all([
    fileAt(path),
    fileAt(`${path}.json`),
    fileAt(`${path}.core.zst`),
  ]);
  return text === null ? null : { slot: Number(digits), name, text, json, core };
}

async function fileAt(path: string): Promise<ReportFile | null> {
  try {
    const { size, mtimeMs, ...status } = await stat(path);
    return isRegular(status.mode) ? { path, bytes: size, mtimeMs } : null;
  } catch {
    return null; // Gone, a loop of links, or not ours to read: for a reader it is not there.
  }
}

/** S_IFREG (inode(7)) */
function isRegular(mode: number): boolean {
  return (mode & 0o170000) === 0o100000;
}

async function namesIn(logDir: string): Promise<string[]> {
  try {
    return await readdir(logDir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
