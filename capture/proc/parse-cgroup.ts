import { type ContainerName, containerInCgroup } from './container-in-cgroup.ts';

/** Where a process stands in the cgroup tree. */
export interface ProcessCgroup {
  /** The lines of /proc/PID/cgroup. */
  lines: Buffer[];
  /** systemd unit: `app.service`, `session-3.scope`; null outside of systemd. */
  unit: Buffer | null;
  /** Unit of the user's own service manager, where `unit` is that manager (`user@1000.service`). */
  userUnit: Buffer | null;
  container: ContainerName | null;
  /** Unit of the service manager that runs inside that container. */
  unitInside: Buffer | null;
}

/** cgroup v1 has about a dozen hierarchies. */
const MAX_LINES = 64;
/** The kernel's paths end at PATH_MAX (4,096); a longer line is none of its, and is not taken apart. */
const MAX_LINE_BYTES = 4096 + 256;

/** What systemd runs; slices are only nodes on the way (systemd.unit(5)). */
const UNIT = /^.+\.(?:service|scope|socket|mount|swap)$/s;
const SLICE = /^.+\.slice$/s;
/** Levels that an engine keeps above what its container sees: crun, systemd-nspawn, Proxmox. */
const OWN_LEVEL = /^(?:container|payload|ns)$/;

/**
 * Parses /proc/PID/cgroup (cgroups(7)): lines `number:controllers:path`. Unit and container come from the path in the
 * unified hierarchy, or, where that is empty (v1, hybrid), in systemd's own.
 */
export function parseCgroup(bytes: Buffer): ProcessCgroup {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length && lines.length < MAX_LINES; ) {
    const newline = bytes.indexOf(0x0a, from);
    const end = newline === -1 ? bytes.length : newline;
    if (end > from) lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  // latin1 keeps bytes as they are: one character each.
  const entries = lines.map((line) =>
    line.length > MAX_LINE_BYTES ? null : /^(\d+):([^:]*):(\/.*)$/s.exec(line.toString('latin1')),
  );
  const pathOf = (controllers: string) =>
    (entries.find((entry) => entry?.[2] === controllers)?.[3] ?? '/').replace(/ \(deleted\)$/, '');
  const unified = pathOf('');
  const path = unified === '/' ? pathOf('name=systemd') : unified;
  const otherPaths = entries.map((entry) => entry?.[3] ?? '');
  const { unit, userUnit } = unitsOf(levelsOf(path));
  return { lines, unit, userUnit, ...containerOf([path, ...otherPaths]) };
}

const levelsOf = (path: string) => path.split('/').slice(1);

/** Steps down the path as systemd does (src/basic/cgroup-util.c): past the slices, the next level is the unit. */
function unitsOf(escaped: readonly string[]): { unit: Buffer | null; userUnit: Buffer | null } {
  const levels = escaped.map(unescaped);
  const at = levels.findIndex((level) => !SLICE.test(level));
  const unit = levels[at] ?? '';
  if (at === -1 || !UNIT.test(unit)) return { unit: null, userUnit: null };
  const isManager = /^user@\d+\.service$/.test(unit);
  const below = isManager ? levels.slice(at + 1).find((level) => !SLICE.test(level)) : undefined;
  // init.scope is the user's manager itself.
  const userUnit = below !== undefined && UNIT.test(below) && below !== 'init.scope' ? below : null;
  return {
    unit: Buffer.from(unit, 'latin1'),
    userUnit: userUnit === null ? null : Buffer.from(userUnit, 'latin1'),
  };
}

/** systemd puts `_` before a name that cgroupfs would take for one of its own files (cg_escape). */
function unescaped(level: string): string {
  return level.startsWith('_') ? level.slice(1) : level;
}

/** In some of the hierarchies of cgroup v1 a process may be outside. */
function containerOf(paths: readonly string[]): Pick<ProcessCgroup, 'container' | 'unitInside'> {
  for (const path of paths) {
    const levels = levelsOf(path);
    const found = containerInCgroup(levels);
    if (found === null) continue;
    const [first = '', ...rest] = levels.slice(found.depth);
    const inside = OWN_LEVEL.test(first) ? rest : [first, ...rest];
    return { container: found.name, unitInside: unitsOf(inside).unit };
  }
  return { container: null, unitInside: null };
}
