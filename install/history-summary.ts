import { hasErrno } from '../linux/system-call-error.ts';
import { type HistoryEntry, isCrash } from '../report/history.ts';
import { readHistory } from '../report/read-history.ts';

/** What the history says at a glance. */
export interface HistorySummary {
  /** Crashes since midnight, in the last seven days, and in all that the history remembers. */
  today: number;
  week: number;
  all: number;
  /** The earliest entry's time, ISO; null where there is none. */
  since: string | null;
  last: HistoryEntry | null;
  /** Of the last seven days. */
  lately: {
    repeats: number;
    gaps: number;
    /** Reasons of crashes that were not collected, and how many each, the most frequent first. */
    lost: { reason: string; count: number }[];
  };
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** @returns Null where only root and the reports' group may read it. @throws Node's error where it cannot be read otherwise. */
export async function historySummary(logDir: string, nowMs: number): Promise<HistorySummary | null> {
  const midnightUs = new Date(nowMs).setHours(0, 0, 0, 0) * 1000;
  const weekUs = (nowMs - WEEK_MS) * 1000;
  const counts = { today: 0, week: 0, all: 0 };
  const lost = new Map<string, number>();
  let [repeats, gaps] = [0, 0];
  let [first, last]: [HistoryEntry | null, HistoryEntry | null] = [null, null];
  try {
    for await (const entry of readHistory(logDir)) {
      const { at, collected } = entry;
      const isOfWeek = at.us >= weekUs;
      if (collected === 'gap' && isOfWeek) gaps += 1;
      if (!isCrash(entry)) continue;
      counts.all += 1;
      if (isOfWeek) counts.week += 1;
      if (at.us >= midnightUs) counts.today += 1;
      if (first === null || at.us < first.at.us) first = entry;
      if (last === null || at.us >= last.at.us) last = entry;
      if (isOfWeek && collected === 'repeat') repeats += 1;
      if (!isOfWeek || collected !== 'not collected') continue;
      const reason = kindOf(entry.reason ?? 'no reason is known');
      lost.set(reason, (lost.get(reason) ?? 0) + 1);
    }
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return null;
    throw error;
  }
  return {
    ...counts,
    since: first?.at.iso ?? null,
    last,
    lately: {
      repeats,
      gaps,
      lost: [...lost]
        .map(([reason, count]) => ({ reason, count }))
        .sort((one, other) => other.count - one.count),
    },
  };
}

/** Reasons differ in their figures: `for 12.3 ms`, `4.2 MiB are free`. */
function kindOf(reason: string): string {
  return reason.replace(/\d+(?:\.\d+)?/g, 'N').slice(0, 200);
}
