import { link, lstat, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrno } from '../linux/system-call-error.ts';
import { reportPaths } from '../server/publish.ts';

/** What a report is known by until it is removed: its files by their numbers. Null for one that it does not have. */
export interface SeenReport {
  logDir: string;
  name: string;
  inodes: Readonly<Record<'text' | 'json' | 'core' | 'upload', number | null>>;
}

/** The order of server/stored-reports.ts: nobody sees half of a report. */
const ORDER = ['text', 'json', 'core', 'upload'] as const;

/** What a report consists of now. */
export async function seeReport(logDir: string, name: string): Promise<SeenReport> {
  const paths = reportPaths(logDir, name);
  const numbers = await Promise.all(ORDER.map(async (kind) => [kind, await inodeOf(paths[kind])] as const));
  return { logDir, name, inodes: Object.fromEntries(numbers) as SeenReport['inodes'] };
}

/**
 * Removes a report, text first, beside a server that may publish another one in its place at any moment: of that one nothing is removed.
 *
 * @returns Whether it was still there.
 * @throws Node's error, EACCES for one.
 */
export async function removeReport({ logDir, name, inodes }: SeenReport): Promise<boolean> {
  const paths = reportPaths(logDir, name);
  for (const kind of ORDER) {
    const inode = inodes[kind];
    const isRemoved = inode !== null && (await removeFile(paths[kind], inode));
    if (kind === 'text' && !isRemoved) return false;
  }
  return true;
}

/** Taken away first and looked at then: between a look and a removal another file could come. */
async function removeFile(path: string, inode: number): Promise<boolean> {
  if ((await inodeOf(path)) !== inode) return false;
  // Hidden, and known to the server as what a publishing that was cut short has left: it clears that away.
  const taken = join(dirname(path), `.publishing-${process.pid}-removed`);
  try {
    await rename(path, taken);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
  const isThis = (await inodeOf(taken)) === inode;
  if (!isThis) await putBack(taken, path);
  await rm(taken, { force: true });
  return isThis;
}

/** Unless a still newer one has come; a file system without hard links cannot tell. */
async function putBack(taken: string, path: string): Promise<void> {
  try {
    await link(taken, path);
  } catch (error) {
    if (hasErrno(error, 'EPERM', 'ENOTSUP', 'EMLINK')) await rename(taken, path);
    else if (!hasErrno(error, 'EEXIST')) throw error;
  }
}

async function inodeOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).ino;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
