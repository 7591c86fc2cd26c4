import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a limit in the old hierarchies and in the one of today: cgroups(7). */
const FILES = {
  pids: { v1: 'pids.max', v2: 'pids.max', unlimited: 'max' },
  memory: { v1: 'memory.limit_in_bytes', v2: 'memory.max', unlimited: '-1' },
} as const;

/** A cgroup of one test's own. */
export interface Cgroup {
  /** `sh -c` and what follows: starts a command in it. */
  under: string[];
  limit(value: number | null): void;
}

/** @returns Null where this machine lets us limit nothing. */
export function cgroupOf(t: { after(fn: () => void): void }, controller: keyof typeof FILES): Cgroup | null {
  const old = join('/sys/fs/cgroup', controller);
  const isOld = existsSync(join(old, 'cgroup.procs'));
  const root = isOld ? old : '/sys/fs/cgroup';
  if (!isOld && !readable(join(root, 'cgroup.subtree_control')).includes(controller)) return null;
  const directory = join(root, `uc-test-${process.pid}-${Date.now()}`);
  mkdirSync(directory);
  t.after(() => {
    try {
      rmdirSync(directory);
    } catch {
      // Somebody has not quite ended yet: an empty cgroup costs nothing.
    }
  });
  const { v1, v2, unlimited } = FILES[controller];
  return {
    under: ['sh', '-c', `echo $$ > ${join(directory, 'cgroup.procs')} && exec "$0" "$@"`],
    limit(value) {
      writeFileSync(
        join(directory, isOld ? v1 : v2),
        value === null ? (isOld ? unlimited : 'max') : String(value),
      );
    },
  };
}

/** Empty where there is no such file. */
function readable(path: string): string {
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}
