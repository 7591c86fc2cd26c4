import type { StoredReport } from './stored-reports.ts';

/**
 * The order in which reports give way:
 *
 * 1. repeats: a newer report has the same quick key;
 * 2. a newer report has the same signature;
 * 3. the newest of a signature;
 * 4. what waits for its upload.
 *
 * Within each the oldest comes first. A report that has no key or no signature is like no other. One of a time to come was made
 * before the clock was set back, so before those of its past: the other way round new reports would push out each other.
 *
 * @param nowMs Milliseconds since the epoch.
 */
export function evictionOrder(reports: readonly StoredReport[], nowMs: number = Date.now()): StoredReport[] {
  const isToCome = ({ atMs }: StoredReport) => (atMs > nowMs ? 0 : 1);
  const oldestFirst = [...reports].sort(
    (one, other) => isToCome(one) - isToCome(other) || one.atMs - other.atMs || one.slot - other.slot,
  );
  const keys = new Set<string>();
  const signatures = new Set<string>();
  const ranked: { report: StoredReport; rank: number }[] = [];
  for (const report of oldestFirst.toReversed()) {
    const { quickKey, signature, waitsForUpload } = report;
    const isRepeat = quickKey !== null && keys.has(quickKey);
    const isKnown = signature !== null && signatures.has(signature);
    ranked.unshift({ report, rank: waitsForUpload ? 3 : isRepeat ? 0 : isKnown ? 1 : 2 });
    if (quickKey !== null) keys.add(quickKey);
    if (signature !== null) signatures.add(signature);
  }
  // Stable: what is of one rank stays in its order.
  return ranked.sort((one, other) => one.rank - other.rank).map(({ report }) => report);
}
