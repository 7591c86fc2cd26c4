/** A line of /proc/PID/limits. */
export interface ResourceLimit {
  /** `Max open files` */
  name: string;
  /** A number or `unlimited`. */
  soft: string;
  hard: string;
  /** `files`, `bytes`; empty for some. */
  units: string;
}

/** The kernel has 16. */
const MAX_LIMITS = 64;

/**
 * Parses /proc/PID/limits: a header, then `%-25s %-20s %-20s %-10s` (fs/proc/base.c, proc_pid_limits). Lines of another
 * form are passed over.
 */
export function parseLimits(bytes: Buffer): ResourceLimit[] {
  const limits: ResourceLimit[] = [];
  for (const line of bytes.toString('latin1', 0, 16_384).split('\n')) {
    const match = /^(.{25}) (\d+|unlimited) +(\d+|unlimited) *(\w*) *$/.exec(line);
    const [, name = '', soft = '', hard = '', units = ''] = match ?? [];
    if (match !== null && limits.length < MAX_LIMITS) limits.push({ name: name.trim(), soft, hard, units });
  }
  return limits;
}
