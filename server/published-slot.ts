import { open, stat } from 'node:fs/promises';
import { hasErrno } from '../linux/system-call-error.ts';
import { reportPaths } from './publish.ts';
import { slotName } from './slots.ts';

/**
 * The slot that already holds all of a crash in `.pending`: a server was killed between publishing and forgetting.
 *
 * @param pendingCore Path of its core, which then is the published one by another name.
 * @returns Null where it is not published.
 */
export async function publishedSlot(
  { logDir, slots }: { logDir: string; slots: number },
  crashId: string,
  pendingCore: string,
): Promise<number | null> {
  const { ino, nlink } = await stat(pendingCore);
  if (nlink < 2) return null;
  for (let slot = 0; slot < slots; slot += 1) {
    const { core, text } = reportPaths(logDir, slotName(slot));
    // The text is renamed last, and it begins with the crash's id.
    if ((await inodeOf(core)) === ino && (await beginningOf(text)).includes(crashId)) return slot;
  }
  return null;
}

/** The first bytes of a file; none where it does not exist. */
async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EISDIR')) return '';
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
