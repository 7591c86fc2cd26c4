import type { Logger } from 'winston';
import { PROGRAM_PATH } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import type { PendingStore } from './pending-store.ts';

/** Analyses of one crash that are tried before its report is made without gdb. */
const ATTEMPTS_WITH_GDB = 2;
/** A client bounds itself; this is for one that does not. */
const LIMIT_MS = 150_000;

/**
 * Analyses deferred crashes: starts `usercrash-client RUNDIR --resume CRASHID`, which asks the server for the files.
 *
 * @returns For the queue: runs one crash, and says whether it is to be tried again. A crash that fails with gdb
 *   gets its last try without; if that fails too, what was captured stays in `.pending` until a server starts anew.
 */
export function resumeClient(options: {
  client: string;
  runDir: string;
  store: PendingStore;
  log: Logger;
  /** Called once for a crash that will not be tried again. */
  givenUp(crashId: string, attempts: number): Promise<void>;
}): (crashId: string) => Promise<boolean> {
  const { client, runDir, store, log, givenUp } = options;
  const attempts = new Map<string, number>();
  return async (crashId) => {
    const attempt = (attempts.get(crashId) ?? 0) + 1;
    attempts.set(crashId, attempt);
    const isLast = attempt > ATTEMPTS_WITH_GDB;
    if (attempt > ATTEMPTS_WITH_GDB + 1) return false; // Given up until the server starts anew.
    let exit: string;
    try {
      // Loaded when it is first needed: most crashes are analysed by the client that captured them.
      const { execa } = await import('execa');
      const flags = isLast ? ['--without-gdb'] : [];
      const result = await execa(client, [runDir, '--resume', crashId, ...flags], {
        reject: false,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { PATH: PROGRAM_PATH },
        extendEnv: false,
        timeout: LIMIT_MS,
        killSignal: 'SIGKILL',
      });
      exit = String(result.exitCode ?? result.signal ?? result.code);
    } catch (error) {
      exit = messageOf(error);
    }
    if (!(await store.has(crashId))) {
      attempts.delete(crashId);
      return false;
    }
    log.warn('analysis-failed', { crashId, attempt, exit });
    if (isLast) await givenUp(crashId, attempt);
    return !isLast;
  };
}
