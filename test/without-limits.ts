/**
 * Flags of usercrash-server for most tests and benchmarks: they want a report of every crash, however often a program
 * crashes and whatever the disk holds.
 */
export const WITHOUT_LIMITS: readonly string[] = [
  ...['--repeat-pause', '0', '--repeats-per-hour', '100000', '--reports-per-minute', '100000'],
  ...['--max-bytes', '100%', '--keep-free', '0', '--max-age', '36500'],
];
