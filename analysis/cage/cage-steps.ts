import { RESOURCES, type Resource } from '../../linux/setrlimit.ts';
import { CAGE_PARTS } from './cage-parts.ts';
import type { CageUser } from './cage-user.ts';
import { addCageView } from './cage-view.ts';
import { dropPrivileges } from './drop-privileges.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { newCagedSteps } from './start-caged.ts';
import type { StepTable } from './step-table.ts';

/** A symlink: /build/a.dwo to /proc/self/fd/9. */
export interface CageLink {
  path: string;
  target: string;
}

/** What a cage is around whatever runs in it. */
export interface CageWalls {
  /** One of `seen`, or below one. */
  cwd: string;
  /** Who it runs as; null where we are not root, and it runs as ourselves. */
  user: CageUser | null;
  /** An empty directory, for nothing but the mount of the cage's root. */
  root: string;
  /** Files and directories that are there, under the same paths, besides the distribution's own. */
  seen: readonly string[];
  /** Symlinks that are there besides, where nothing else is; their absolute paths may be anybody's choice. */
  links: readonly CageLink[];
  limits: readonly [resource: Resource, limit: bigint][];
}

/** What is to run in a cage. */
export interface CagedProgram {
  /** Absolute path of the program. */
  program: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Whether it may start processes: a shell script must. */
  mayFork: boolean;
}

/** What is to run in a cage, and what it has there. */
export type CageOptions = CageWalls & CagedProgram;

/** linux/sched.h */
const CLONE_NEWNS = 0x0002_0000;
const CLONE_NEWUTS = 0x0400_0000;
const CLONE_NEWIPC = 0x0800_0000;
const CLONE_NEWUSER = 0x1000_0000;
const CLONE_NEWPID = 0x2000_0000;
const CLONE_NEWNET = 0x4000_0000;
/** linux/prctl.h, linux/seccomp.h */
const PR_SET_PDEATHSIG = 1;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const SIGKILL = 9;
const SIGINT = 2;
const SIG_IGN = 1;
/** Bytes of the kernel's sigset_t. */
const SIGSET_BYTES = 8;
const NICEST = 19;

/**
 * Everything that happens between the start of the cage's program and execve, in its order.
 *
 * Root's rights are used for the namespaces and mounts and are then given up for good; without root a user namespace of our own
 * gives the same rights over nothing else, where the machine allows that. What cannot be made is left out, but never the
 * change of the user.
 */
export function cageSteps(options: CageOptions): StepTable {
  const table = newCagedSteps();
  addCageWalls(table, options);
  addCagedProgram(table, options);
  return table;
}

/** A pipe by which the process outside of the process namespace says that it is not root any more. */
export interface DroppedPipe {
  read: number;
  write: number;
}

/**
 * Behind these steps nothing is root's any more.
 *
 * @param pipe The same holds for the process outside: both have the list in one memory, so that whoever may write more of it must
 *   wait for that.
 */
export function addCageWalls(table: StepTable, walls: CageWalls, pipe: DroppedPipe | null = null): void {
  const { user } = walls;
  for (const [resource, limit] of walls.limits) {
    table.step('prlimit64', [0, RESOURCES[resource], table.words(limit, limit)]);
  }
  table.step('setpriority', [0, 0, NICEST]);
  if (user === null) addUserNamespace(table);
  table.step('unshare', [CLONE_NEWNET], { part: CAGE_PARTS.network });
  table.step('unshare', [CLONE_NEWIPC | CLONE_NEWUTS], { part: CAGE_PARTS.ipc });
  table.step('unshare', [CLONE_NEWPID], { part: CAGE_PARTS.processes });
  table.fork(() => {
    // Interrupts are for the program; both are in one process group.
    table.step('rt_sigaction', [SIGINT, table.words(SIG_IGN, 0, 0, 0), 0, SIGSET_BYTES]);
    dropPrivileges(table, user);
    table.step('prctl', [PR_SET_PDEATHSIG, SIGKILL]);
    if (pipe === null) return;
    table.step('write', [pipe.write, table.string('.'), 1], { required: true });
    for (const fd of [pipe.read, pipe.write]) table.step('close', [fd]);
  });
  // Otherwise its end would never show.
  if (pipe !== null) table.step('close', [pipe.write], { required: true });
  table.group(() => {
    table.step('unshare', [CLONE_NEWNS], { part: CAGE_PARTS.view, leavesGroup: 'failed' });
    addCageView(table, walls);
  });
  table.step('chdir', [table.string(walls.cwd)]);
  dropPrivileges(table, user);
  // Not before the change of the user, which takes it back: prctl(2).
  table.step('prctl', [PR_SET_PDEATHSIG, SIGKILL]);
  if (pipe === null) return;
  table.step('read', [pipe.read, table.bytes(Buffer.alloc(1)), 1], { required: true, nonZero: true });
  table.step('close', [pipe.read], { required: true });
}

/** The last steps: the filter, and the program. */
export function addCagedProgram(table: StepTable, options: CagedProgram): void {
  const filter = seccompFilter(options);
  const program = table.words(filter.length / 8, table.bytes(filter));
  table.step('prctl', [PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program], { part: CAGE_PARTS.filter });
  const strings = (texts: readonly string[]) => table.words(...texts.map((text) => table.string(text)), 0);
  const environment = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
  table.step(
    'execve',
    [table.string(options.program), strings([options.program, ...options.args]), strings(environment)],
    { required: true },
  );
}

/** Our own ids, and no others: user_namespaces(7). */
function addUserNamespace(table: StepTable): void {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  const maps = [
    ['setgroups', 'deny'],
    ['uid_map', `${uid} ${uid} 1`],
    ['gid_map', `${gid} ${gid} 1`],
  ] as const;
  table.group(() => {
    table.step('unshare', [CLONE_NEWUSER], { leavesGroup: 'failed' });
    for (const [name, content] of maps) {
      table.step('open', [table.string(`/proc/self/${name}`), 1], { keep: true });
      table.step('write', [0, table.string(content), content.length], { kept: 'first' });
      table.step('close', [], { kept: 'first' });
    }
  });
}
