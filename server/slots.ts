import { readdir } from 'node:fs/promises';

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
 * The first slot without a report.
 *
 * Nothing is remembered: a slot is taken where its text exists. So a restart needs no state, and a report that somebody
 * deletes frees its slot.
 *
 * @param count How many slots there are, 1 to 10,000.
 * @returns `free` is null where there is none; `blocked`: slots that cannot be used, because somebody has put a directory in
 *   the place of one of their files, which cannot be renamed over.
 */
export async function freeSlot(
  logDir: string,
  count: number,
): Promise<{ free: number | null; blocked: ReadonlySet<number | null> }> {
  const entries = await readdir(logDir, { withFileTypes: true });
  const taken = new Set(entries.map(({ name }) => slotOf(name)));
  const blocked = new Set(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => slotOf(name.replace(/\.(json|core\.zst)$/, ''))),
  );
  for (let slot = 0; slot < count; slot += 1) {
    if (!taken.has(slot) && !blocked.has(slot)) return { free: slot, blocked };
  }
  return { free: null, blocked };
}
