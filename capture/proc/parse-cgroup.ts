/** Where a process stands in the cgroup tree. */
export interface ProcessCgroup {
  /** The lines of /proc/PID/cgroup. */
  lines: Buffer[];
  /** systemd unit: `app.service`, `session-3.scope`; null outside of systemd. */
  unit: Buffer | null;
  /** Unit of the user's own service manager, where `unit` is that manager (`user@1000.service`). */
  userUnit: Buffer | null;
  container: ContainerName | null;
}

/** A container, told by the name of its cgroup. */
export interface ContainerName {
  /** `docker`, `podman`, `containerd`, `cri-o`, `lxc`, `nspawn`, `kubernetes`. */
  runtime: string;
  /** 64 hex digits, or the name that its owner gave. */
  id: Buffer;
}

/** cgroup v1 has about a dozen hierarchies. */
const MAX_LINES = 64;
/** The kernel's paths end at PATH_MAX (4,096); a longer line is none of its, and is not taken apart. */
const MAX_LINE_BYTES = 4096 + 256;

/** What systemd runs; slices are only nodes on the way (systemd.unit(5)). */
const UNIT = /^.+\.(?:service|scope|socket|mount|swap)$/s;
const SLICE = /^.+\.slice$/s;

/**
 * How runtimes name their cgroups, with systemd as the driver (`docker-ID.scope`) and without (`/docker/ID`); matched
 * against the path. The first match is the outermost container: the one that this machine knows.
 */
const CONTAINERS: readonly { runtime: string; path: RegExp }[] = [
  { runtime: 'docker', path: /\/docker[/-]([0-9a-f]{64})(?:\.scope)?(?=\/|$)/ },
  { runtime: 'podman', path: /\/libpod(?:_parent\/libpod)?[/-]([0-9a-f]{64})(?:\.scope)?(?=\/|$)/ },
  { runtime: 'cri-o', path: /\/crio-([0-9a-f]{64})(?:\.scope)?(?=\/|$)/ },
  {
    runtime: 'containerd',
    path: /\/(?:cri-containerd|containerd|nerdctl)[/-]([0-9a-f]{64})(?:\.scope)?(?=\/|$)/,
  },
  // Kubernetes with the cgroupfs driver: the innermost level is the container.
  { runtime: 'kubernetes', path: /\/kubepods[^/]*(?:\/[^/]+)*?\/([0-9a-f]{64})(?=\/|$)/ },
  { runtime: 'kubernetes', path: /\/kubepods[^/]*(?:\/[^/]+)*?\/(?:docker-)?([0-9a-f]{64})\.scope(?=\/|$)/ },
  { runtime: 'lxc', path: /\/lxc(?:\/|\.payload[./])([^/]+)(?=\/|$)/ },
  { runtime: 'nspawn', path: /\/systemd-nspawn@([^/]+)\.service(?=\/|$)/ },
  { runtime: 'nspawn', path: /\/machine-(?!qemu)([^/]+)\.scope(?=\/|$)/ },
];

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
  return { lines, ...unitsOf(path), container: containerOf([path, ...otherPaths]) };
}

/** Steps down the path as systemd does (src/basic/cgroup-util.c): past the slices, the next level is the unit. */
function unitsOf(path: string): { unit: Buffer | null; userUnit: Buffer | null } {
  const levels = path.split('/').slice(1).map(unescaped);
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

function containerOf(paths: readonly string[]): ContainerName | null {
  for (const path of paths) {
    const found = CONTAINERS.map(({ runtime, path: pattern }) => ({ runtime, match: pattern.exec(path) }))
      .filter(({ match }) => match !== null)
      .sort((one, other) => (one.match?.index ?? 0) - (other.match?.index ?? 0))[0];
    const id = found?.match?.[1];
    if (found === undefined || id === undefined) continue;
    return { runtime: found.runtime, id: Buffer.from(withoutUnitEscapes(id), 'latin1') };
  }
  return null;
}

/** `\x2d` -> `-` in a machine's name (systemd-escape(1)); what no name can hold, `/` and NUL, stays escaped. */
function withoutUnitEscapes(name: string): string {
  return name.replace(/\\x(?!2f|00)([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
