import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hasErrno } from '../linux/system-call-error.ts';
import { beginningOfText } from './beginning-of-text.ts';
import { reportPaths } from './publish.ts';
import { slotName } from './slots.ts';

/**
 * The slot that already holds all of a crash in `.pending`: a server was killed between publishing and forgetting.
 *
 * @param options `hasLinks`: whether names are links, and not copies.
 * @param pendingCore Path of its core, which then is the published one by another name; it may be missing.
 * @returns Null where it is not published.
 */
export async function publishedSlot(
  { logDir, slots, hasLinks }: { logDir: string; slots: number; hasLinks: boolean },
  crashId: string,
  pendingCore: string,
): Promise<number | null> {
  const pending = await statusOf(pendingCore);
  // A core of no bytes is not published.
  const hasCore = hasLinks && pending !== null && pending.size > 0;
  if (hasCore && pending.nlink < 2) return null;
  for (let slot = 0; slot < slots; slot += 1) {
    const { core, text } = reportPaths(logDir, slotName(slot));
    if (hasCore && (await statusOf(core))?.ino !== pending.ino) continue;
    // The text is renamed last, and it begins with the crash's id.
    if ((await beginningOfText(text)).includes(crashId)) return slot;
  }
  return null;
}

/** Null where there is no such file. */
async function statusOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
