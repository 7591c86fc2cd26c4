import type { CrashEvent } from '../protocol/codec.ts';

/** How many reports the same crash gets. */
export interface RepeatLimits {
  /** Between two of them, at least. */
  pauseMs: number;
  perHour: number;
}

/** A crash that gets no report of its own. */
export interface Repeat {
  /** Crash id of the one whose report stands for it. */
  of: string;
  /** For how long from now the next of its kind will get none either. */
  notBeforeMs: number;
}

/** What the limiter looks at. */
export type Crash = Pick<CrashEvent, 'crashId' | 'quickKey' | 'atUs'>;

interface Report {
  crashId: string;
  atMs: number;
}

const HOUR_MS = 3_600_000;
/**
 * Kinds of crashes that are remembered; of more, the one that was seen longest ago is news again, within the machine-wide
 * limit. With five reports an hour each, all of them take at most some 4 MiB.
 */
const MAX_KEYS = 4096;
const QUICK_KEY = /^[0-9a-f]{16}$/;

/**
 * Tells news from repeats: of crashes with the same quick key one gets a report every `pauseMs`, and `perHour` in an hour. A
 * key that was not seen for an hour is news by the same rule. A crash without a quick key repeats nothing.
 *
 * All times are those of the crashes, and distances count in both directions. So crashes that come late or out of order
 * (from `.pending`, after a restart) are judged as they would have been in time, and a clock that was set does no harm.
 */
export class RepeatLimiter {
  readonly #limits: RepeatLimits;
  /** The crashes that were granted a report, by quick key, in the order in which they came. The key seen last is the last. */
  readonly #granted = new Map<string, Report[]>();

  constructor(limits: RepeatLimits) {
    this.#limits = limits;
  }

  /** @returns Null where the crash gets a report, also where it was granted one before. */
  admit(crash: Crash): Repeat | null {
    if (!QUICK_KEY.test(crash.quickKey)) return null;
    const known = this.#granted.get(crash.quickKey) ?? [];
    this.#seen(crash.quickKey, known);
    if (known.some(({ crashId }) => crashId === crash.crashId)) return null;
    const repeat = this.#repeatOf(crash, known);
    if (repeat === null) this.remember(crash);
    return repeat;
  }

  /** A crash has its report, or will: one of an earlier server. */
  remember({ crashId, quickKey, atUs }: Crash): void {
    if (!QUICK_KEY.test(quickKey)) return;
    const atMs = atUs / 1000;
    const known = (this.#granted.get(quickKey) ?? []).filter((report) => report.atMs > atMs - HOUR_MS);
    if (!known.some((report) => report.crashId === crashId)) known.push({ crashId, atMs });
    this.#seen(quickKey, known.slice(-this.#limits.perHour));
  }

  /** A crash that was granted a report has come to nothing: the next of its kind gets it. */
  takeBack({ crashId, quickKey }: Crash): void {
    const left = this.#granted.get(quickKey)?.filter((report) => report.crashId !== crashId);
    if (left === undefined) return;
    if (left.length > 0) this.#granted.set(quickKey, left);
    else this.#granted.delete(quickKey);
  }

  #repeatOf({ atUs }: Crash, known: readonly Report[]): Repeat | null {
    const { pauseMs, perHour } = this.#limits;
    const agesMs = known.map(({ atMs }) => atUs / 1000 - atMs);
    const within = agesMs.filter((ageMs) => Math.abs(ageMs) < HOUR_MS).sort((a, b) => a - b);
    const isTooSoon = within.some((ageMs) => Math.abs(ageMs) < pauseMs);
    const last = known.at(-1);
    if (last === undefined || (within.length < perHour && !isTooSoon)) return null;
    const [newestMs = 0] = within;
    const outOfHourMs = within.length < perHour ? 0 : HOUR_MS - (within[perHour - 1] ?? 0);
    return { of: last.crashId, notBeforeMs: Math.max(0, pauseMs - newestMs, outOfHourMs) };
  }

  #seen(key: string, reports: Report[]): void {
    this.#granted.delete(key);
    if (reports.length === 0) return;
    this.#granted.set(key, reports);
    if (this.#granted.size <= MAX_KEYS) return;
    const [oldest = ''] = this.#granted.keys();
    this.#granted.delete(oldest);
  }
}
