import { type HistoryEntry, isCrash } from '../report/history.ts';
import type { Instant } from '../report/record.ts';

/** How often, of whatever kind. */
export interface Tally {
  lastHour: number;
  lastDay: number;
  lastWeek: number;
  total: number;
  /** The most common one; null where none is known. */
  signal: string | null;
  first: Instant;
  last: Instant;
}

/** The crashes of a program, or those of one kind. */
export interface ProgramStatistics extends Tally {
  /** Path of the executable, else comm, in the escape of bytes-text.ts; null where neither is known. */
  program: string | null;
  /** The most frequent first. */
  kinds: (Tally & { signature: { text: string; hash: string } | null; quickKey: string | null })[];
}

export interface CrashStatistics {
  /** The most frequent of the last week first. */
  programs: ProgramStatistics[];
  /** Crashes of each of the last 24 hours, the latest last. */
  hours: number[];
}

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const WEEK_US = 7 * DAY_US;
const HOURS = 24;

type Counted = Omit<Tally, 'signal'> & { signals: Map<string, number> };
type Kind = Counted & Pick<HistoryEntry, 'program' | 'quickKey' | 'signature'>;

/**
 * Counts the crashes of the history by program and kind. A repeat has no signature of its own: it is of the kind of those
 * with the same quick key.
 *
 * @param entries As readHistory() gives them: each crash once.
 * @param nowUs Microseconds since the epoch. What comes after it, by a clock that was set, is of the last hour.
 */
export async function crashStatistics(
  entries: AsyncIterable<HistoryEntry> | Iterable<HistoryEntry>,
  nowUs: number,
): Promise<CrashStatistics> {
  const kinds = new Map<string, Kind>();
  const hours = new Array<number>(HOURS).fill(0);
  for await (const entry of entries) {
    if (!isCrash(entry)) continue;
    const { program, quickKey, signature } = entry;
    const key = JSON.stringify([program, quickKey ?? signature?.hash ?? null]);
    const kind = kinds.get(key) ?? { ...nothing(entry.at), program, quickKey, signature };
    kind.signature ??= signature;
    count(kind, entry, nowUs);
    kinds.set(key, kind);
    const ageHours = Math.max(0, Math.floor((nowUs - entry.at.us) / HOUR_US));
    if (ageHours < HOURS) hours[HOURS - 1 - ageHours] = (hours[HOURS - 1 - ageHours] ?? 0) + 1;
  }
  // Different keys may come to the same signature: the same place, called from elsewhere.
  const merged = grouped([...kinds.values()], ({ program, quickKey, signature }) => [
    program,
    signature?.hash ?? quickKey,
  ]);
  const programs = grouped(merged.map(joined), ({ program }) => [program]).map((own) => {
    const { program, signature: _, quickKey: __, ...all } = joined(own);
    return { program, ...tally(all), kinds: own.map(kindOf).sort(byFrequency) };
  });
  return { programs: programs.sort(byFrequency), hours };
}

function nothing(at: Instant): Counted {
  return { lastHour: 0, lastDay: 0, lastWeek: 0, total: 0, signals: new Map(), first: at, last: at };
}

function count(counted: Counted, { at, signal }: HistoryEntry, nowUs: number): void {
  const ageUs = nowUs - at.us;
  counted.total += 1;
  if (ageUs < HOUR_US) counted.lastHour += 1;
  if (ageUs < DAY_US) counted.lastDay += 1;
  if (ageUs < WEEK_US) counted.lastWeek += 1;
  if (signal !== null) counted.signals.set(signal, (counted.signals.get(signal) ?? 0) + 1);
  if (at.us < counted.first.us) counted.first = at;
  if (at.us > counted.last.us) counted.last = at;
}

function grouped(kinds: readonly Kind[], keyOf: (kind: Kind) => unknown[]): Kind[][] {
  const groups = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const key = JSON.stringify(keyOf(kind));
    groups.set(key, [...(groups.get(key) ?? []), kind]);
  }
  return [...groups.values()];
}

/** Several as one, by the name of the first. */
function joined([first, ...others]: Kind[]): Kind {
  if (first === undefined) throw new Error('a group has at least one member');
  const sum: Kind = { ...first, signals: new Map(first.signals) };
  for (const other of others) {
    for (const name of ['lastHour', 'lastDay', 'lastWeek', 'total'] as const) sum[name] += other[name];
    for (const [signal, times] of other.signals)
      sum.signals.set(signal, (sum.signals.get(signal) ?? 0) + times);
    if (other.first.us < sum.first.us) sum.first = other.first;
    if (other.last.us > sum.last.us) sum.last = other.last;
  }
  return sum;
}

function kindOf({ program: _, signature, quickKey, ...counted }: Kind): ProgramStatistics['kinds'][number] {
  return { signature, quickKey, ...tally(counted) };
}

function tally({ signals, ...counted }: Counted): Tally {
  const [mostCommon] = [...signals].sort(([, one], [, other]) => other - one);
  return { ...counted, signal: mostCommon?.[0] ?? null };
}

function byFrequency(one: Tally, other: Tally): number {
  return other.lastWeek - one.lastWeek || other.total - one.total || other.last.us - one.last.us;
}
