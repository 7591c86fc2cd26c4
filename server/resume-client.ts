import type { Logger } from 'winston';
import { PROGRAM_PATH } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { NO_ROOM_EXIT } from '../protocol/no-room-exit.ts';
import type { Ran } from './analysis-queue.ts';
import type { PendingStore } from './pending-store.ts';

/** Analyses of one crash that are tried before its report is made without gdb. */
const ATTEMPTS_WITH_GDB = 2;
/** A client bounds itself; this is for one that does not. */
const LIMIT_MS = 150_000;

/**
 * Analyses deferred crashes: starts `usercrash-client RUNDIR --resume CRASHID`, which asks the server for the files.
 *
 * @returns For the queue: runs one crash, and says what is to come of it. A crash that fails with gdb gets its last try
 *   without; if that fails too, what was captured stays in `.pending` until a server starts anew. A report for which there
 *   was no room, or for which no process could be started, is no failed analysis. Never rejects.
 */
export function resumeClient(options: {
  client: string;
  runDir: string;
  store: PendingStore;
  log: Logger;
  /** Called once for a crash that will not be tried again. */
  givenUp(crashId: string, attempts: number): Promise<void>;
}): (crashId: string) => Promise<Ran> {
  const { store, log, givenUp } = options;
  const failures = new Map<string, number>();
  return async (crashId) => {
    try {
      const attempt = (failures.get(crashId) ?? 0) + 1;
      // Given up until the server starts anew; or its own client has made the report after all.
      if (attempt > ATTEMPTS_WITH_GDB + 1 || !(await store.has(crashId))) return 'done';
      const isLast = attempt > ATTEMPTS_WITH_GDB;
      const exit = await run(options, crashId, isLast);
      const left = await store.find(crashId);
      if (left === null || left.state === 'complete') {
        failures.delete(crashId);
        return 'done';
      }
      if (exit === NO_ROOM_EXIT) {
        log.warn('no-room-for-report', { crashId });
        return 'no room';
      }
      if (exit === 'EAGAIN' || exit === 'ENOMEM') {
        // There is no process to be had: nobody has looked at the crash.
        log.warn('analysis-not-started', { crashId, why: exit });
        return 'no room';
      }
      failures.set(crashId, attempt);
      log.warn('analysis-failed', { crashId, attempt, exit });
      if (isLast) await givenUp(crashId, attempt);
      return isLast ? 'done' : 'again';
    } catch (error) {
      // The directory cannot be read: whoever looks for pending crashes next finds it or says so.
      log.error('pending-failed', { crashId, error: messageOf(error) });
      return 'done';
    }
  };
}

/** @returns The exit code, or what else ended it, in words. */
async function run(
  { client, runDir }: { client: string; runDir: string },
  crashId: string,
  isWithoutGdb: boolean,
): Promise<number | string> {
  try {
    // Loaded when it is first needed: most crashes are analysed by the client that captured them.
    const { execa } = await import('execa');
    const flags = isWithoutGdb ? ['--without-gdb'] : [];
    const result = await execa(client, [runDir, '--resume', crashId, ...flags], {
      reject: false,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: PROGRAM_PATH },
      extendEnv: false,
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    return result.exitCode ?? result.signal ?? String(result.code);
  } catch (error) {
    return messageOf(error);
  }
}
