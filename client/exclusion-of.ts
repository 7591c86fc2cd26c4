import type { ProcessSnapshot } from '../capture/captured.ts';
import { parseCgroup } from '../capture/proc/parse-cgroup.ts';
import { excludedBy } from '../config/excluded-by.ts';

/** The pattern by which a process's crash is not to be collected; null where none does. */
export function exclusionOf(
  { exe, cgroup }: Pick<ProcessSnapshot, 'exe' | 'cgroup'>,
  patterns: readonly string[],
): string | null {
  if (patterns.length === 0) return null;
  const executable = exe ?? Buffer.alloc(0);
  const { unit = null, userUnit = null } = cgroup === null ? {} : parseCgroup(cgroup);
  return excludedBy(patterns, { executable, units: [unit, userUnit].filter((name) => name !== null) });
}
