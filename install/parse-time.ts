import { parseTimeSpan } from './parse-time-span.ts';

const MINUTE_MS = 60_000;
const DAYS: ReadonlyMap<string, number> = new Map([
  ['yesterday', -1],
  ['today', 0],
  ['tomorrow', 1],
]);
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+/i;
const DATE = /^(\d{4}|\d{2})-(\d{1,2})-(\d{1,2})$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?$/;
const ZONE = /\s*(?:(?<=[\d\s])(?:UTC|Z)|(?<=:\d\d(?:\.\d+)?\s?)([+-])(\d{2}):?(\d{2}))$/i;
/** Of a year of two digits, as strptime(3) has it. */
const FIRST_YEAR = 1969;

/**
 * A moment in the words of systemd.time(7): `2026-11-30 02:00`, `2026-11-30`, `02:00`, `Mon 2026-11-30 02:00:00.5 UTC`,
 * `2026-11-30T02:00:00+01:00`, `now`, `today`, `yesterday`, `tomorrow`, `-2h`, `+5min`, `1 hour ago`, `2 days left`, `@1395716396`. Not
 * the names of other time zones.
 *
 * @param nowMs Milliseconds since the epoch. What names no zone is in this process's own (TZ, /etc/localtime).
 * @returns Microseconds since the epoch; null for anything else.
 */
export function parseTime(text: string, nowMs: number): number | null {
  const words = text.trim();
  const us = relative(words, nowMs) ?? sinceEpoch(words) ?? absolute(words, nowMs);
  return us !== null && Number.isSafeInteger(us) ? us : null;
}

function relative(words: string, nowMs: number): number | null {
  const day = DAYS.get(words.toLowerCase());
  if (day !== undefined) {
    const now = new Date(nowMs);
    return new Date(now.getFullYear(), now.getMonth(), now.getDate() + day).getTime() * 1000;
  }
  const nowUs = Math.round(nowMs * 1000);
  if (words.toLowerCase() === 'now') return nowUs;
  const [, sign, signed] = /^([+-])\s*(\d.*)$/.exec(words) ?? [];
  const [, counted, direction] = /^(\d.*?)\s*\b(ago|left)$/i.exec(words) ?? [];
  const spanUs = parseTimeSpan(signed ?? counted ?? '');
  if (spanUs === null) return null;
  return sign === '-' || direction?.toLowerCase() === 'ago' ? nowUs - spanUs : nowUs + spanUs;
}

function sinceEpoch(words: string): number | null {
  const [, seconds, fraction = ''] = /^@(\d{1,11})(?:\.(\d{1,6})\d*)?$/.exec(words) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, '0'));
}

function absolute(words: string, nowMs: number): number | null {
  const zone = ZONE.exec(words);
  const local = words.slice(0, zone?.index).replace(WEEKDAY, '').trim();
  const parts = local.split(/[T\s]+/);
  const date = DATE.exec(parts[0] ?? '');
  const clock = CLOCK.exec(parts[date === null ? 0 : 1] ?? '');
  const used = [date, clock].filter((part) => part !== null).length;
  if (used === 0 || used !== parts.length) return null;
  const [, hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const ofDay = [Number(hours), Number(minutes), Number(seconds)] as const;
  const today = new Date(nowMs);
  const [year, month, day] =
    date === null
      ? [today.getFullYear(), today.getMonth(), today.getDate()]
      : [yearOf(date[1] ?? ''), Number(date[2]) - 1, Number(date[3])];
  const utc = new Date(Date.UTC(year, month, day, ...ofDay));
  // 30 February would be a day in March.
  if (utc.getUTCMonth() !== month || utc.getUTCDate() !== day) return null;
  const ms = zone === null ? new Date(year, month, day, ...ofDay).getTime() : utc.getTime() - offsetMs(zone);
  return ms < 0 ? null : ms * 1000 + Number(fraction.padEnd(6, '0'));
}

function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return 1900 + year < FIRST_YEAR ? 2000 + year : 1900 + year;
}

function offsetMs([, sign, hours = '0', minutes = '0']: RegExpExecArray): number {
  const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return sign === '-' ? -ms : ms;
}
