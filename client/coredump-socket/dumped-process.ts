import { closeSync, readdirSync } from 'node:fs';
import type { CoreHead } from '../../capture/captured.ts';
import { statusNumbers } from '../../capture/proc/status-value.ts';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { asRoot } from '../../linux/as-root.ts';
import { peerPidfd } from '../../linux/getsockopt.ts';
import { pidfdInfo } from '../../linux/pidfd-info.ts';
import type { KernelWords } from '../../protocol/kernel-arguments.ts';
import { processStatus } from '../complete-arguments.ts';

/** Threads that are looked at to find the one that died. */
const MAX_THREADS = 20_000;

/** The process at the other end of a connection, as the kernel vouches for it. */
export interface DumpedProcess {
  pid: number;
  uid: number;
  gid: number;
  /** core(5) %d; 0 where the kernel does not say, which is the most careful. */
  dumpable: number;
  signal: number | null;
  /** Nobody else can have taken its number while this is open. The holder closes it. */
  pidfd: number;
}

/**
 * Who the kernel dumps here.
 *
 * @throws {UsercrashError} E_NOT_A_DUMP where it is no process that is being dumped: somebody has connected by hand.
 */
export function dumpedProcess(connection: number): DumpedProcess {
  const pidfd = peerPidfd(connection);
  try {
    const { pid, uid, gid, coredump, signal } = pidfdInfo(pidfd);
    if (pid === 0 || coredump?.isDumped !== true) {
      throw new UsercrashError('E_NOT_A_DUMP', `Process ${pid} is not being dumped`);
    }
    return { pid, uid, gid, dumpable: coredump.dumpable ?? 0, signal, pidfd };
  } catch (error) {
    closeSync(pidfd);
    throw error;
  }
}

/**
 * What core_pattern's words would say to a client by pipe, as far as the pidfd, the core's notes and /proc tell it.
 *
 * @param head The first of its threads is the one that died, by its number in the process's own pid namespace.
 */
export function kernelWordsOf(runDir: string, dumped: DumpedProcess, head: CoreHead): KernelWords {
  const { pid, uid, gid, dumpable, pidfd } = dumped;
  const noted = head.threads[0]?.tid ?? null;
  return {
    runDir,
    pid,
    tid: noted === null ? pid : threadOf(pid, noted),
    namespacePid: null,
    namespaceTid: noted,
    uid,
    gid,
    dumpable,
    signal: dumped.signal ?? head.signal?.number ?? 0,
    time: null,
    pidfd,
    defaultHandler: null,
  };
}

/** The thread in our pid namespace that the process's own calls `noted`; the main thread where that cannot be told. */
function threadOf(pid: number, noted: number): number {
  if ((statusNumbers(processStatus(pid), 'NSpid')?.length ?? 0) < 2) return noted;
  try {
    for (const task of asRoot(() => readdirSync(`/proc/${pid}/task`)).slice(0, MAX_THREADS)) {
      if (statusNumbers(processStatus(pid, task), 'NSpid')?.at(-1) === noted) return Number(task);
    }
  } catch {
    // Gone: what is left is what the notes say.
  }
  return pid;
}
