import { setRights } from './as-root.ts';
import { checked, libc } from './libc.ts';
import { setNonDumpable } from './prctl.ts';
import { setGroups } from './setgroups.ts';

/** These change all threads of the process: nptl(7), "NPTL and the rest of the C library". */
const setresuidOfAll = libc.func('int setresuid(uint real, uint effective, uint saved)');
const setresgidOfAll = libc.func('int setresgid(uint real, uint effective, uint saved)');
/** The system calls themselves change the thread that calls. */
const syscall = libc.func('long syscall(long number, long real, long effective, long saved)');

/** asm/unistd_64.h, asm-generic/unistd.h */
const NUMBERS =
  process.arch === 'x64' ? { setresuid: 117, setresgid: 119 } : { setresuid: 147, setresgid: 149 };

/** Whether {@link lowerRights} has changed all threads. */
let areAllLowered = false;

type SetIds = (call: keyof typeof NUMBERS, id: number) => void;

/**
 * Effective and file system id become `id`. The real and the saved one stay root's: they are the way back (setresuid(2)), and without them
 * any process of that user could send us signals (kill(2)).
 */
const ofThisThread: SetIds = (call, id) => {
  checked(call, `${id}`, () => Number(syscall(NUMBERS[call], 0, id, 0)));
};
const ofAllThreads: SetIds = (call, id) => {
  checked(call, `${id}`, () => (call === 'setresuid' ? setresuidOfAll : setresgidOfAll)(0, id, 0));
};

/**
 * Puts root's rights down: from here on this thread opens files, connects and is looked at as somebody else, without effective
 * capabilities. {@link asRoot} takes them back for one act; `regainRights()` for good. Where it is not root's, nothing is left to do.
 *
 * @param threads `all`: also those that run now; to be called by one thread alone. `this`: for a thread that was started by asRoot().
 *   Threads that are started later have what their starter has.
 * @throws {SystemCallError} EPERM where the kernel does not let us (a container without CAP_SETUID): then nothing has changed.
 */
export function lowerRights({ uid, gid }: { uid: number; gid: number }, threads: 'all' | 'this'): void {
  if (process.geteuid?.() !== 0) return;
  const set = threads === 'all' ? ofAllThreads : ofThisThread;
  if (threads === 'all') setGroups([]);
  const lower = (by: SetIds): void => {
    by('setresgid', gid);
    by('setresuid', uid);
    // Each change of the user makes it what fs.suid_dumpable says: prctl(2).
    setNonDumpable();
  };
  try {
    lower(set);
  } catch (error) {
    set('setresgid', 0);
    throw error;
  }
  areAllLowered = threads === 'all';
  setRights({
    raise() {
      // The user first: with it come the capabilities (capabilities(7), "Effect of user ID changes").
      ofThisThread('setresuid', 0);
      ofThisThread('setresgid', 0);
    },
    lower: () => lower(ofThisThread),
  });
}

/** Makes all threads root's again, where {@link lowerRights} has changed all of them; else does nothing. */
export function regainRights(): void {
  if (!areAllLowered) return;
  areAllLowered = false;
  setRights(null);
  ofAllThreads('setresuid', 0);
  ofAllThreads('setresgid', 0);
}
