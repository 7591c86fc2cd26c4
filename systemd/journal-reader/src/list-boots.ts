import type { Journal } from './journal.ts';

/** A boot that the journal knows. */
export interface Boot {
  /** 32 lower-case hex digits, as /proc/sys/kernel/random/boot_id without its dashes. */
  bootId: string;
  /** Its first and last entry, in microseconds since 1970-01-01 UTC. */
  firstUs: number;
  lastUs: number;
}

/**
 * All boots, oldest first.
 *
 * @param journal One of its own: its matches and position change.
 */
export function listBoots(journal: Journal): Boot[] {
  const boots: Boot[] = [];
  for (const value of journal.uniqueValues('_BOOT_ID')) {
    const bootId = value.toString('latin1');
    // Journald writes no other; a file that somebody made may hold anything.
    if (!/^[0-9a-f]{32}$/.test(bootId)) continue;
    journal.clearMatches().addMatch('_BOOT_ID', bootId);
    const firstUs = journal.seekHead().next() ? journal.realtimeUs : undefined;
    const lastUs = journal.seekTail().previous() ? journal.realtimeUs : undefined;
    if (firstUs !== undefined && lastUs !== undefined) boots.push({ bootId, firstUs, lastUs });
  }
  return boots.sort((a, b) => a.firstUs - b.firstUs);
}
