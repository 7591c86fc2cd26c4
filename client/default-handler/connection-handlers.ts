import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors/usercrash-error.ts';
import { asRoot } from '../../linux/as-root.ts';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { endConnection } from '../coredump-socket/end-connection.ts';
import { kernelLog } from '../kernel-log.ts';

/** Where the build puts the client. */
const PROGRAM = 'usercrash-client';
/** Its descriptors: the connection, none, none, the pidfd, and what had been read. */
const HEAD = 4;
/** Where %u is among the words: kernelArgumentWords(). */
const USER_WORD = 5;
/** What one takes while it runs, in bytes of memory: a Node process and a core's beginning. */
const PROCESS_BYTES = 64 * 1024 * 1024;
/** As many as systemd lets the kernel start (core_pipe_limit in its 50-coredump.conf), if an eighth of the memory allows it. */
const MOST = Math.max(2, Math.min(16, Math.floor(totalmem() / 8 / PROCESS_BYTES)));
/** What writes a file writes where its user says, and may never end: others' crashes are to have theirs. */
const MOST_OF_USER = MOST / 2;
/**
 * Crashes that wait for one to end, half of them one user's at most: each holds its process and three descriptors. The kernel
 * would skip those over its limit at once; a handler that hangs must not hold what crashes for ever.
 */
const MOST_WAITING = 256;
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/** A crash that is captured, with all that its default handler needs; the descriptors are handed over with it. */
interface Handed {
  connection: number;
  pidfd: number;
  /** What had been read of the core, in a file without a name. */
  head: number;
  /** The words of kernelArgumentWords(). */
  words: readonly string[];
  /** %u of these. */
  user: string;
  /** Ends its waiting. */
  late?: NodeJS.Timeout;
}

/**
 * Hands the kernel's connections to processes of their own, which give the core to what core_pattern held before us. They go
 * on when this process is killed; what waits for one of them is lost then.
 */
export class ConnectionHandlers {
  readonly #waiting: Handed[] = [];
  /** Users whose handlers run, each as often as it has one. */
  readonly #running: string[] = [];

  /**
   * Takes over connection and pidfd; does not wait. The process is held until the handler has done with it.
   *
   * @param read All of the core that has been read.
   */
  take(
    connection: number,
    pidfd: number,
    { read, words }: { read: readonly Buffer[]; words: readonly string[] },
  ): void {
    try {
      const head = fileOf(read);
      this.#wait({ connection, pidfd, head, words, user: words[USER_WORD] ?? '' });
    } catch (error) {
      // No memory, or no descriptor left.
      kernelLog('error', `the default handler of pid ${words[1]} was not started: ${messageOf(error)}`);
      endConnection(connection);
      closeSync(pidfd);
    }
    this.#startNext();
  }

  /** When all that was taken has been started, or `limitMs` are over; what is left then is let go. */
  async stop(limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (this.#waiting.length > 0 && performance.now() < deadline) await sleep(PAUSE_MS);
    for (const handed of this.#waiting.splice(0)) release(handed);
  }

  #wait(handed: Handed): void {
    const skip = () => {
      this.#waiting.splice(this.#waiting.indexOf(handed), 1);
      release(handed);
      kernelLog('warning', `pid ${handed.words[1]}: its default handler was skipped, too many are running`);
    };
    handed.late = setTimeout(skip, PATIENCE_MS).unref();
    this.#waiting.push(handed);
    const own = this.#waiting.filter(({ user }) => user === handed.user);
    if (this.#waiting.length > MOST_WAITING || own.length > MOST_WAITING / 2) skip();
  }

  #startNext(): void {
    if (this.#running.length >= MOST) return;
    const next = this.#waiting.findIndex(
      ({ user }) => this.#running.filter((running) => running === user).length < MOST_OF_USER,
    );
    const [handed] = next === -1 ? [] : this.#waiting.splice(next, 1);
    if (handed === undefined) return;
    clearTimeout(handed.late);
    const { connection, pidfd, head, words, user } = handed;
    this.#running.push(user);
    const [runDir = '', ...values] = words;
    const program = join(import.meta.dirname, PROGRAM);
    const args = [runDir, '--default-handler', ...values, `${HEAD}`];
    const child: ChildProcess = asRoot(() =>
      spawn(program, args, {
        stdio: [connection, 'ignore', 'ignore', pidfd, head],
        env: {},
        detached: true,
      }),
    );
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      this.#running.splice(this.#running.indexOf(user), 1);
      this.#startNext();
    };
    child.once('exit', over);
    child.once('error', (error) => {
      kernelLog('error', `the default handler of pid ${values[0]} was not started: ${error.message}`);
      over();
    });
    child.unref();
    if (child.pid === undefined) release(handed);
    else for (const fd of [connection, pidfd, head]) closeSync(fd);
  }
}

function fileOf(parts: readonly Buffer[]): number {
  const file = memfdCreate('usercrash-core');
  try {
    let at = 0;
    for (const part of parts) at += writeSync(file, part, 0, part.length, at);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** As after a capture without a default handler. */
function release({ connection, pidfd, head, late }: Handed): void {
  clearTimeout(late);
  endConnection(connection);
  closeSync(pidfd);
  closeSync(head);
}
