const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** Names of units, as systemd.time(7) has them, and their microseconds. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:usec|us|µs|μs)$/, 1],
  [/^(?:msec|ms)$/, 1000],
  [/^(?:seconds?|sec|s|)$/, SECOND],
  [/^(?:minutes?|min|m)$/, 60 * SECOND],
  [/^(?:hours?|hr|h)$/, HOUR],
  [/^(?:days?|d)$/, DAY],
  [/^(?:weeks?|w)$/, 7 * DAY],
  [/^(?:months?|M)$/, 30.44 * DAY],
  [/^(?:years?|y)$/, 365.25 * DAY],
];

/**
 * A time span in the words of systemd.time(7): `2h`, `1 hour 30 min`, `1.5d`, `3weeks`; a number alone is seconds.
 *
 * @returns Microseconds; null for anything else.
 */
export function parseTimeSpan(text: string): number | null {
  const parts = [...text.matchAll(/\s*(\d{1,15}(?:\.\d{1,9})?)\s*([a-zA-Zµμ]*)\s*/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  let sum = 0;
  for (const [, number = '', name = ''] of parts) {
    const [, us] = UNITS.find(([names]) => names.test(name)) ?? [];
    if (us === undefined) return null;
    sum += Number(number) * us;
  }
  return Number.isSafeInteger(Math.round(sum)) ? Math.round(sum) : null;
}
