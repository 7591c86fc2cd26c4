import { amountInBytes } from '../config/amount.ts';
import { excessOf, outlived, type RetentionLimits } from '../server/bounds.ts';
import { evictionOrder } from '../server/eviction-order.ts';
import type { StoredReport } from '../server/stored-reports.ts';

/** A report that is to go, and why, in words. */
export interface Leaving {
  report: StoredReport;
  reason: string;
}

/** Where the reports lie, in bytes. */
export interface Room {
  total: number;
  free: number;
  /** What crashes without a report take: they go after all reports, and only by the server's hand. */
  waiting: number;
}

/**
 * Which reports the server's own rules let go (decision 017), in their order.
 *
 * @param limits `keep`: how many may stay.
 * @param nowMs Milliseconds since the epoch.
 */
export function vacuumPlan(
  reports: readonly StoredReport[],
  limits: RetentionLimits & { keep: number },
  { room, nowMs }: { room: Room; nowMs: number },
): Leaving[] {
  const leaving: Leaving[] = [];
  const kept: StoredReport[] = [];
  for (const report of evictionOrder(reports, nowMs)) {
    const reason = outlived(report, limits, nowMs);
    if (reason === null) kept.push(report);
    else leaving.push({ report, reason });
  }
  const tooMany = Math.max(0, kept.length - limits.keep);
  for (const report of kept.splice(0, tooMany))
    leaving.push({ report, reason: `no more than ${limits.keep} are kept` });
  const bytesOf = (some: readonly StoredReport[]) => some.reduce((sum, { bytes }) => sum + bytes, 0);
  let takes = bytesOf(kept) + room.waiting;
  let free = room.free + bytesOf(leaving.map(({ report }) => report));
  const may = amountInBytes(limits.maxBytes, room.total);
  const keepFree = amountInBytes(limits.keepFree, room.total);
  for (const report of kept) {
    const excess = excessOf({ takes, may, free, keepFree });
    if (excess === null) break;
    leaving.push({ report, reason: excess.reason });
    takes -= report.bytes;
    free += report.bytes;
  }
  return leaving;
}
