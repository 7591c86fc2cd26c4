import { join } from 'node:path';
import { parseHistoryLine } from '../report/history.ts';
import { eventOfCrashId } from './history-line.ts';
import { HISTORY_FILES } from './history-writer.ts';
import { openIfThere } from './open-if-there.ts';
import type { PendingStore } from './pending-store.ts';
import type { RepeatLimiter } from './repeat-limiter.ts';

/** The limiter looks no further back; what was written before tells of crashes that were earlier still. */
const HOUR_MS = 3_600_000;
/** A cheap look before a line is parsed: in a storm nearly all are repeats. */
const HAS_REPORT = /"collected":"(?:full|pending)"/;

/**
 * Tells the limiter of the crashes that have had a report in the last hour, and of those that wait for theirs, so that a
 * restart forgets nothing.
 *
 * @throws Node's error where history or `.pending` are there and cannot be read.
 */
export async function rememberReports(
  limiter: RepeatLimiter,
  { logDir, store }: { logDir: string; store: PendingStore },
): Promise<void> {
  for (const name of HISTORY_FILES.toReversed()) await rememberFrom(limiter, join(logDir, name));
  for (const { crashId } of await store.list()) {
    const event = await store.eventOf(crashId);
    // Repeats among them are told again when they are taken up.
    if (event !== null && event.repeatOf === '') limiter.admit(event);
  }
}

async function rememberFrom(limiter: RepeatLimiter, path: string): Promise<void> {
  const file = await openIfThere(path);
  if (file === null) return;
  try {
    if ((await file.stat()).mtimeMs < Date.now() - HOUR_MS) return;
    for await (const line of file.readLines({ autoClose: false })) {
      const entry = HAS_REPORT.test(line) ? parseHistoryLine(line) : null;
      if (entry?.crashId == null || entry.quickKey === null) continue;
      limiter.remember({
        ...eventOfCrashId(entry.crashId),
        quickKey: entry.quickKey,
        atUs: entry.at.us,
      });
    }
  } finally {
    await file.close();
  }
}
