import type { CageUser } from './cage-user.ts';
import { dropPrivileges } from './drop-privileges.ts';
import { FIRST_DESCRIPTOR, newCagedSteps } from './start-caged.ts';
import type { StepTable } from './step-table.ts';

/** Files that one reader reads: a report shows the source of one frame, and tries a dozen, and as many of split debug information. */
export const MAX_READ_FILES = 24;
/** A request is a path, filled up with zero bytes: PATH_MAX. */
export const PATH_BYTES = 4096;
/** Most that is read of a file: SQLite's amalgamation has 9 MB. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** struct stat of x86-64 is 144 bytes. */
const STAT_BYTES = 144;

/** linux/sched.h, linux/mount.h, linux/fcntl.h, linux/prctl.h */
const CLONE_NEWNS = 0x0002_0000;
const MS_REC = 0x4000;
const MS_SLAVE = 0x8_0000;
const AT_FDCWD = -100;
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
 * @returns The list, and where in it the `struct stat` of each file will be, all zeros where it could not be opened.
 */
export function sourceReaderSteps(user: CageUser | null): { table: StepTable; statAddresses: bigint[] } {
  const table = newCagedSteps();
  if (user !== null) {
    table.step('unshare', [CLONE_NEWNS], { required: true });
    const root = table.string('/');
    table.step('mount', [0, root, 0, MS_REC | MS_SLAVE, 0], { required: true });
    const attributes = table.words(MOUNT_ATTR_ALL, 0, 0, 0);
    table.step('mount_setattr', [AT_FDCWD, root, AT_RECURSIVE, attributes, MOUNT_ATTR_BYTES], {
      required: true,
    });
  }
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
      table.step('sendfile', [FIRST_DESCRIPTOR + file, 0, 0, MAX_FILE_BYTES], { kept: 'second' });
      table.step('close', [], { kept: 'first' });
    });
    table.step('write', [1, dot, 1], { required: true });
  }
  table.step('exit_group', [0]);
  return { table, statAddresses };
}
