import type { CageUser } from './cage-user.ts';
import { dropPrivileges } from './drop-privileges.ts';
import { FIRST_DESCRIPTOR, newCagedSteps } from './start-caged.ts';
import type { StepTable } from './step-table.ts';

/**
 * Files that one reader reads: a report shows the source of one frame, and tries a dozen, and as many of split debug information; and
 * of a container two places for the name of its distribution, and eight debug files.
 */
export const MAX_READ_FILES = 34;
/** A request is a path, filled up with zero bytes: PATH_MAX. */
export const PATH_BYTES = 4096;
/** Most that is read of a file: SQLite's amalgamation has 9 MB. */
export const MAX_SOURCE_BYTES = 16 * 1024 * 1024;
/** struct stat of x86-64 is 144 bytes. */
const STAT_BYTES = 144;

/** linux/sched.h, linux/mount.h, linux/fcntl.h, linux/prctl.h */
const CLONE_NEWNS = 0x0002_0000;
const OPEN_TREE_CLONE = 1;
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
/** MOUNT_ATTR_RDONLY, NOSUID, NODEV and NOEXEC. */
const MOUNT_ATTR_ALL = 15;
const MOUNT_ATTR_BYTES = 32;
const O_READING = 0o4000 | 0o400 | 0o2000000; // O_NONBLOCK, O_NOCTTY, O_CLOEXEC
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/**
 * A process that opens files by the rights of one user: for every path that comes on its standard input it copies the file into the
 * next of its descriptors, tells what kind of file it is, and prints a byte. It becomes that user before it reads the first,
 * and no device can be opened by then: opening one may do something, a watchdog's starts it.
 *
 * @param hasMounts Whether behind its descriptors come those of OwnMounts: of what it sees nothing is ours then. Where a step of that
 *   fails, nothing is read.
 * @returns The list, and where in it the `struct stat` of each file will be, all zeros where it could not be opened.
 */
export function sourceReaderSteps(
  user: CageUser | null,
  hasMounts: boolean,
): { table: StepTable; statAddresses: bigint[] } {
  const table = newCagedSteps();
  if (user !== null || hasMounts) addRoot(table, hasMounts);
  dropPrivileges(table, user);
  table.step('prctl', [PR_SET_PDEATHSIG, SIGKILL]);
  const path = table.bytes(Buffer.alloc(PATH_BYTES));
  const dot = table.string('.');
  const statAddresses: bigint[] = [];
  for (let file = 0; file < MAX_READ_FILES; file += 1) {
    const stat = table.bytes(Buffer.alloc(STAT_BYTES));
    statAddresses.push(stat);
    table.step('read', [0, path, PATH_BYTES], { required: true, nonZero: true });
    table.group(() => {
      table.step('open', [path, O_READING], { keep: true, leavesGroup: 'failed' });
      table.step('fstat', [0, stat], { kept: 'first' });
      table.step('sendfile', [FIRST_DESCRIPTOR + file, 0, 0, MAX_SOURCE_BYTES], { kept: 'second' });
      table.step('close', [], { kept: 'first' });
    });
    table.step('write', [1, dot, 1], { required: true });
  }
  table.step('exit_group', [0]);
  return { table, statAddresses };
}

/**
 * A copy of all mounts below a root directory, attached nowhere and without devices, becomes the reader's root. Of another mount
 * namespace's directories only a process in it can make one (fs/namespace.c, may_copy_tree()).
 */
function addRoot(table: StepTable, hasMounts: boolean): void {
  const required = { required: true } as const;
  const [root, namespace] = [FIRST_DESCRIPTOR + MAX_READ_FILES, FIRST_DESCRIPTOR + MAX_READ_FILES + 1];
  if (hasMounts) table.step('setns', [namespace, CLONE_NEWNS], required);
  const empty = table.string('');
  const [directory, path] = hasMounts ? [root, empty] : [AT_FDCWD, table.string('/')];
  const flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE;
  table.step('open_tree', [directory, path, flags], { required: true, keep: true });
  const attributes = table.words(MOUNT_ATTR_ALL, 0, 0, 0);
  table.step('mount_setattr', [0, empty, AT_EMPTY_PATH | AT_RECURSIVE, attributes, MOUNT_ATTR_BYTES], {
    required: true,
    kept: 'first',
  });
  table.step('fchdir', [], { required: true, kept: 'first' });
  table.step('chroot', [table.string('.')], required);
  // What lies behind /proc/self/fd has devices.
  if (hasMounts) for (const fd of [root, namespace]) table.step('close', [fd], required);
}
