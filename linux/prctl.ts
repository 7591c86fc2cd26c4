import { checked, libc } from './libc.ts';

const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');

const prctlWithName = libc.func('int prctl(int option, void *name)');

/** linux/prctl.h */
const PR_SET_DUMPABLE = 4;
const PR_GET_DUMPABLE = 3;
const PR_SET_NAME = 15;
const PR_SET_NO_NEW_PRIVS = 38;

/**
 * Marks this process as one whose memory the kernel neither dumps nor lets its own user trace: prctl(2).
 * A crash handler holds other people's memory.
 */
export function setNonDumpable(): void {
  checked('prctl', 'PR_SET_DUMPABLE 0', () => prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

/** Whether this process may be dumped: 0 no, 1 yes, 2 root only. */
export function getDumpable(): number {
  return checked('prctl', 'PR_GET_DUMPABLE', () => prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

/** What `ps -o comm` and the ledger call this thread, and with the main one this process: 15 characters are kept. */
export function setThreadName(name: string): void {
  const bytes = Buffer.from(`${name}\0`);
  checked('prctl', `PR_SET_NAME ${name}`, () => prctlWithName(PR_SET_NAME, bytes));
}

/** From now on no program that this thread starts has more rights than it has itself, whatever the program's file says. */
export function setNoNewPrivileges(): void {
  checked('prctl', 'PR_SET_NO_NEW_PRIVS 1', () => prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}
