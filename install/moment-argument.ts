import { InvalidArgumentError } from 'commander';
import { parseTime } from './parse-time.ts';

/** For commander: an argument in systemd's words for a moment, as microseconds since the epoch. */
export function momentArgument(now: () => number): (text: string) => number {
  return (text) => {
    const us = parseTime(text, now());
    if (us !== null) return us;
    throw new InvalidArgumentError(
      "It is '2026-11-30 02:00', 2026-11-30, 02:00, today, yesterday, -2h, '1 hour ago' or @1395716396.",
    );
  };
}
