import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../linux/system-call-error.ts';

/** `usercrash_07`: two digits, more where there are more than a hundred slots. */
export function slotName(slot: number): string {
  return `usercrash_${String(slot).padStart(2, '0')}`;
}

/** The number of a report's text file, null for any other name. */
export function slotOf(name: string): number | null {
  const digits = /^usercrash_([0-9]{2,4})$/.exec(name)?.[1];
  return digits !== undefined && slotName(Number(digits)) === name ? Number(digits) : null;
}

/**
 * The slot that the next report gets: the first free one, else the one with the oldest report.
 *
 * Nothing is remembered: a slot is taken where its text exists, and as old as that file's modification time. So a
 * restart needs no state, and a report that somebody deletes frees its slot.
 *
 * @param count How many slots there are, 1 to 10,000.
 */
export async function nextSlot(logDir: string, count: number): Promise<number> {
  const entries = await readdir(logDir, { withFileTypes: true });
  const taken = new Set(entries.map(({ name }) => slotOf(name)));
  // A directory that somebody put in the place of a report's file cannot be renamed over.
  const blocked = new Set(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => slotOf(name.replace(/\.(json|core\.zst)$/, ''))),
  );
  for (let slot = 0; slot < count; slot += 1) if (!taken.has(slot) && !blocked.has(slot)) return slot;
  let oldest = { slot: 0, ageMs: Number.POSITIVE_INFINITY };
  for (let slot = 0; slot < count; slot += 1) {
    if (blocked.has(slot)) continue;
    const ageMs = await modifiedMs(join(logDir, slotName(slot)));
    if (ageMs < oldest.ageMs) oldest = { slot, ageMs };
  }
  return oldest.slot;
}

/** Milliseconds since the epoch; the beginning of time for a report that was deleted between our two looks. */
async function modifiedMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}
