import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { CAGE_PARTS } from './cage-parts.ts';
import type { CageWalls } from './cage-steps.ts';
import type { StepTable } from './step-table.ts';

/**
 * What the distribution brings: gdb, its libraries, its Python and debug information. Nothing of it is anybody's secret. Links
 * among them (/lib on a merged /usr) are links there, too.
 */
const DISTRIBUTION = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'],
  ...['/nix/store', '/gnu/store', '/etc/ld.so.cache', '/etc/alternatives'],
];

/** A script around gdb may want them. They are the only devices. */
const DEVICES = ['/dev/null', '/dev/zero'];

/** linux/mount.h, linux/fcntl.h */
const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SLAVE = 0x8_0000;
const MOUNT_ATTR_ALL = MS_RDONLY | MS_NOSUID | MS_NODEV;
const MNT_DETACH = 2;
const AT_FDCWD = -100;
const AT_RECURSIVE = 0x8000;
/** struct mount_attr */
const MOUNT_ATTR_BYTES = 32;

/**
 * Steps behind an unshare of the mounts: a new root that holds the distribution, what was asked for, and a /proc without anybody
 * else in it, all of it read-only. Every step is of use only where the ones before have succeeded.
 */
export function addCageView(table: StepTable, { root, seen, links }: CageWalls): void {
  const essential = { part: CAGE_PARTS.view, leavesGroup: 'failed' } as const;
  const at = table.string(root);
  const slash = table.string('/');
  const dot = table.string('.');
  const tmpfs = table.string('tmpfs');
  // Nothing that is mounted here is seen outside; what is unmounted outside is unmounted here.
  table.step('mount', [0, slash, 0, MS_REC | MS_SLAVE, 0], essential);
  table.step(
    'mount',
    [tmpfs, at, tmpfs, MS_NOSUID | MS_NODEV, table.string('size=256k,nr_inodes=512,mode=0755')],
    essential,
  );
  const made = new Set<string>(['/']);
  const directory = (path: string) => {
    if (made.has(path)) return;
    directory(dirname(path));
    made.add(path);
    table.step('mkdir', [table.string(join(root, path)), 0o755]);
  };
  for (const path of [...DISTRIBUTION, ...seen]) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined || made.has(path)) continue;
    directory(dirname(path));
    const target = table.string(join(root, path));
    if (stats.isSymbolicLink()) {
      made.add(path);
      table.step('symlink', [table.string(readlinkSync(path)), target]);
      continue;
    }
    if (stats.isDirectory()) directory(path);
    else table.step('mknod', [target, 0o100644, 0]);
    table.step('mount', [table.string(path), target, 0, MS_BIND | MS_REC, 0], essential);
  }
  for (const { path, target } of links) {
    if (!mayBeLinked(path, seen)) continue;
    directory(dirname(path));
    table.step('symlink', [table.string(target), table.string(join(root, path))]);
  }
  addProc(table, root);
  directory('/dev');
  const devices = DEVICES.map((path) => [table.string(path), table.string(join(root, path))] as const);
  for (const [, target] of devices) table.step('mknod', [target, 0o100644, 0]);
  const attributes = table.words(MOUNT_ATTR_ALL, 0, 0, 0);
  table.step('mount_setattr', [AT_FDCWD, at, AT_RECURSIVE, attributes, MOUNT_ATTR_BYTES], {
    part: CAGE_PARTS.readOnly,
  });
  for (const [device, target] of devices) table.step('mount', [device, target, 0, MS_BIND, 0]);
  table.step('chdir', [at], essential);
  table.step('pivot_root', [dot, dot], essential);
  // The old root lies on top of the new one: pivot_root(2).
  table.step('umount2', [dot, MNT_DETACH], essential);
}

/** A crashed program may have chosen the path: nothing may be made where something else is mounted. */
function mayBeLinked(path: string, seen: readonly string[]): boolean {
  if (!/^\/[\x20-\x7e]{1,1000}$/.test(path) || normalize(path) !== path) return false;
  const taken = [...DISTRIBUTION, ...seen, '/proc', '/dev'];
  return !taken.some(
    (other) => path === other || path.startsWith(`${other}/`) || other.startsWith(`${path}/`),
  );
}

/** gdb reaches its files by /proc/self/fd, and needs nothing else of it. */
function addProc(table: StepTable, root: string): void {
  const path = join(root, 'proc');
  const target = table.string(path);
  const proc = table.string('proc');
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  table.step('mkdir', [target, 0o555]);
  table.group(() => {
    const enough = { leavesGroup: 'succeeded' } as const;
    table.step('mount', [proc, target, proc, flags, table.string('subset=pid')], enough);
    table.step('mount', [proc, target, proc, flags, 0], enough);
    // A container's own has parts masked, and the kernel then allows no other to those who are not root.
    table.step('mount', [table.string('/proc'), target, 0, MS_BIND | MS_REC, 0], {
      part: CAGE_PARTS.processes,
    });
  });
}
