import type { Instant } from './record.ts';

/**
 * A moment with the machine's offset from UTC at that moment.
 *
 * @param us Microseconds since 1970-01-01 UTC; what is not between then and the year 2255 (2^53 µs) becomes the nearer of
 *   the two, what is no number 1970: a clock, or whoever tells the time, may be wrong.
 * @param offsetMinutes East of UTC; the machine's own (its /etc/localtime or TZ) unless given.
 */
export function instantOf(us: number, offsetMinutes?: number): Instant {
  const whole = Math.min(Math.max(0, Math.round(us) || 0), Number.MAX_SAFE_INTEGER);
  const ms = Math.floor(whole / 1000);
  const offset = offsetMinutes ?? -new Date(ms).getTimezoneOffset();
  const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(Math.round(offset));
  const digits = (value: number, length = 2) => String(value).padStart(length, '0');
  const zone = `${offset < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
  return { iso: `${local}${digits(whole % 1000, 3)}${zone}`, us: whole };
}

/** An instant as a person reads it: `2026-11-20 22:35:57.123456 +00:00`. */
export function readableInstant(instant: Instant): string {
  return `${dateOf(instant)} ${timeOf(instant)} ${zoneOf(instant)}`.trim();
}

/** `2026-11-20` */
export function dateOf(instant: Instant): string {
  return instant.iso.slice(0, 10);
}

/** `22:35:57.123456` */
export function timeOf(instant: Instant): string {
  return /T([\d:.]+)/.exec(instant.iso)?.[1] ?? '';
}

function zoneOf(instant: Instant): string {
  return /T[\d:.]+(.*)$/.exec(instant.iso)?.[1] ?? '';
}
