import type { HistoryEntry } from './history.ts';
import type { Instant } from './record.ts';

/** How often a crash was seen, by what the history holds. */
export interface SeenCount {
  count: number;
  first: Instant;
  last: Instant;
  /** The latest of these that got a report, null where none did. Its slot may hold another crash by now: compare ids. */
  lastReport: { slot: number; crashId: string } | null;
}

/**
 * Counts crashes by quick key. Entries without one are left out: nothing tells whether they are the same.
 *
 * @param entries In any order, as readHistory() gives them.
 */
export async function historyCounts(
  entries: AsyncIterable<HistoryEntry> | Iterable<HistoryEntry>,
): Promise<Map<string, SeenCount>> {
  const counts = new Map<string, SeenCount & { reportUs: number }>();
  // readHistory() tells a crash once; whoever reads lines by himself may have one for each stage of it.
  const known = new Set<string>();
  for await (const entry of entries) {
    if (entry.quickKey === null) continue;
    const seen = counts.get(entry.quickKey) ?? {
      count: 0,
      first: entry.at,
      last: entry.at,
      lastReport: null,
      reportUs: -1,
    };
    if (entry.crashId === null || !known.has(entry.crashId)) seen.count += 1;
    if (entry.crashId !== null) known.add(entry.crashId);
    if (entry.at.us < seen.first.us) seen.first = entry.at;
    if (entry.at.us > seen.last.us) seen.last = entry.at;
    if (entry.slot !== null && entry.crashId !== null && entry.at.us >= seen.reportUs) {
      seen.lastReport = { slot: entry.slot, crashId: entry.crashId };
      seen.reportUs = entry.at.us;
    }
    counts.set(entry.quickKey, seen);
  }
  return new Map(
    [...counts].map(([key, { count, first, last, lastReport }]) => [key, { count, first, last, lastReport }]),
  );
}
