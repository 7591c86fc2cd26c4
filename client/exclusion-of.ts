import type { ProcessSnapshot } from '../capture/captured.ts';
import { parseCgroup } from '../capture/proc/parse-cgroup.ts';
import { excludedBy } from '../config/excluded-by.ts';

/** What the kernel appends to the path of a file that is gone: proc_pid_exe(5). */
const DELETED = Buffer.from(' (deleted)');

/** The pattern by which a process's crash is not to be collected; null where none does. */
export function exclusionOf(
  { exe, cgroup }: Pick<ProcessSnapshot, 'exe' | 'cgroup'>,
  patterns: readonly string[],
): string | null {
  if (patterns.length === 0) return null;
  const path = exe ?? Buffer.alloc(0);
  const isDeleted = path.subarray(-DELETED.length).equals(DELETED);
  const executable = isDeleted ? path.subarray(0, -DELETED.length) : path;
  const { unit = null, userUnit = null } = cgroup === null ? {} : parseCgroup(cgroup);
  return excludedBy(patterns, { executable, units: [unit, userUnit].filter((name) => name !== null) });
}
