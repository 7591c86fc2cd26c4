import koffi from 'koffi';
import { failedCall, JournalError } from './journal-error.ts';
import type { Libsystemd } from './libsystemd.ts';
import { clearResult, resultAddress, resultWord } from './native-memory.ts';

/**
 * What happened to the journal: `none` (the time is over), `appended` (new entries, maybe none that match), or
 * `invalidated` (files came or went: read on in the same way, but the past may have changed).
 */
export type Change = 'none' | 'appended' | 'invalidated';

const CHANGES: readonly Change[] = ['none', 'appended', 'invalidated'];

/** sd_journal_get_timeout(3): no need to look before something happens. */
const NO_TIMEOUT = 0xffff_ffff_ffff_ffffn;
/** The longest time that Node's timers take; the wait then simply looks and goes on. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long to wait and who may end it. */
export interface WaitOptions {
  /** At most so long, in milliseconds. Default: for ever. */
  timeoutMs?: number;
  /** Ends the wait: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** The wait that is under way on a journal. */
export interface Wait {
  /** Settles once. */
  change: Promise<Change>;
  /** Ends it with `error`. */
  cancel(error: unknown): void;
}

/**
 * Starts watching the journal's directories, if that has not been done, and says what may have changed before:
 * sd_journal_wait(3) returns at once the first time.
 */
export function startWatching(lib: Libsystemd, journal: number): Change {
  return changeOf('sd_journal_wait', lib.wait(journal, 0));
}

/**
 * Waits until the journal changes, on the event loop: libuv polls libsystemd's inotify descriptor, no thread is
 * blocked, timers and everything else go on. Only while a wait is under way does it keep the program running.
 *
 * @throws {JournalError} E_JOURNAL_CALL where the system has no inotify watches left.
 */
export function waitForChange(lib: Libsystemd, journal: number, options: WaitOptions): Wait {
  const { promise, resolve, reject } = deferred<Change>();
  const fd = lib.getFd(journal);
  if (fd < 0) throw failedCall('sd_journal_get_fd', fd);
  const deadline = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const { signal } = options;
  let timer: NodeJS.Timeout | undefined;
  const end = (settle: () => void) => {
    poll.close();
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    settle();
  };
  const look = () => {
    try {
      const change = changeOf('sd_journal_process', lib.process(journal));
      if (change !== 'none' || performance.now() >= deadline) end(() => resolve(change));
      else rearm();
    } catch (error) {
      end(() => reject(error));
    }
  };
  const rearm = () => {
    clearTimeout(timer);
    const ms = Math.min(deadline - performance.now(), ownTimeoutMs(lib, journal));
    if (ms < Number.POSITIVE_INFINITY) timer = setTimeout(look, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
  };
  const abort = () => end(() => reject(signal?.reason));
  const poll = koffi.node.poll(fd, { readable: true }, look);
  signal?.addEventListener('abort', abort);
  rearm();
  return { change: promise, cancel: (error) => end(() => reject(error)) };
}

/** When libsystemd wants to look by itself: journals on a network file system send no inotify events. */
function ownTimeoutMs(lib: Libsystemd, journal: number): number {
  clearResult(0);
  const status = lib.getTimeout(journal, resultAddress(0));
  if (status < 0) throw failedCall('sd_journal_get_timeout', status);
  const untilUs = resultWord(0);
  if (untilUs === NO_TIMEOUT) return Number.POSITIVE_INFINITY;
  // Both are CLOCK_MONOTONIC.
  return Number(untilUs - process.hrtime.bigint() / 1000n) / 1000;
}

function changeOf(call: string, status: number): Change {
  if (status < 0) throw failedCall(call, status);
  const change = CHANGES[status];
  if (change === undefined) throw new JournalError('E_JOURNAL_CALL', `${call}: unknown result ${status}`);
  return change;
}

/** Promise.withResolvers, which Node 20 lacks. */
function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (reason: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
