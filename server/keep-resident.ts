import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from 'winston';
import { PROGRAM_PATH } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';

/**
 * All but PATH spares memory in a storm, which makes garbage of all sizes in both threads: V8's space for new objects grows to
 * 16 MiB otherwise, three times; glibc (mallopt(3)) gives every thread an arena of its own, and learns from large buffers that
 * are freed to keep ever larger ones. Measured: 77 MiB instead of 88 after 4,000 crashes.
 */
const ENVIRONMENT = {
  PATH: PROGRAM_PATH,
  NODE_OPTIONS: '--max-semi-space-size=1',
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
/** How long to wait before it is started again: longer each time that it ends soon. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/**
 * It says that it is alive twice a second; one that is silent for so long hangs, and with it, in its socket's
 * queue, the pipes of processes that the kernel holds until they are closed: it is killed.
 */
const SILENCE_MS = 3_000;
/** How long a start is waited for; without it crashes get clients of their own. */
const READY_LIMIT_MS = 2_000;
/** One that ran so long did not fail at its start. */
const SETTLED_MS = 30_000;

/**
 * Keeps a resident client running. While there is none, every crash gets a client of its own: slower, but collected.
 *
 * @param client Absolute path of the client program.
 * @param options `coredumpSocket`: a listening descriptor that it inherits. `failing`: called when it ended soon after
 *   its start, which it may do again.
 * @returns `ready` resolves when it first says that it is alive, or after {@link READY_LIMIT_MS}; `stop` ends it, and
 *   resolves when it has ended.
 */
export function keepResident(
  client: string,
  runDir: string,
  { log, coredumpSocket, failing }: { log: Logger; coredumpSocket: number | null; failing: () => void },
): { ready: Promise<void>; stop: () => Promise<void> } {
  let child: ChildProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let delayMs = FIRST_DELAY_MS;
  let isStopped = false;
  let ended: () => void = () => undefined;
  let alive: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    alive = resolve;
    setTimeout(resolve, READY_LIMIT_MS).unref();
  });
  const again = (why: string, startedMs: number): void => {
    if (Date.now() - startedMs > SETTLED_MS) delayMs = FIRST_DELAY_MS;
    log.warn('resident-client-ended', { why, againInMs: delayMs });
    if (delayMs > FIRST_DELAY_MS) failing();
    timer = setTimeout(start, delayMs);
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  };
  const start = (): void => {
    const startedMs = Date.now();
    try {
      run(startedMs);
    } catch (error) {
      again(messageOf(error), startedMs); // ENOMEM is thrown, and other errors come as events.
    }
  };
  const run = (startedMs: number): void => {
    const socket = coredumpSocket === null ? [] : ['--coredump-socket', '3'];
    const resident = spawn(client, [runDir, '--resident', ...socket], {
      // It ends when its standard input does: also when this process is killed.
      stdio: ['pipe', 'pipe', 'inherit', ...(coredumpSocket === null ? [] : [coredumpSocket])],
      env: ENVIRONMENT,
    });
    child = resident;
    const hangs = setTimeout(() => {
      log.error('resident-client-hangs', { silentMs: SILENCE_MS });
      resident.kill('SIGKILL');
    }, SILENCE_MS);
    resident.stdout?.on('data', () => {
      alive();
      hangs.refresh();
    });
    let isOver = false;
    const over = (why: string): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(hangs);
      child = null;
      ended();
      if (!isStopped) again(why, startedMs);
    };
    resident.once('error', (error) => over(error.message));
    resident.once('exit', (code, signal) => over(String(signal ?? code)));
  };
  start();
  const stop = async () => {
    isStopped = true;
    if (timer !== null) clearTimeout(timer);
    if (child === null) return;
    const gone = new Promise<void>((resolve) => {
      ended = resolve;
    });
    child.kill('SIGTERM');
    await gone;
  };
  return { ready, stop };
}
