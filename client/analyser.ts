import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors/usercrash-error.ts';
import { asRoot } from '../linux/as-root.ts';
import { socketpair } from '../linux/socketpair.ts';
import { type HandedCrash, sendCrash } from './handed-crash.ts';
import { kernelLog } from './kernel-log.ts';
import { startToItsEnd } from './start-to-its-end.ts';

/** A process that waits for a crash. */
interface Spare {
  socket: number;
  ended: Promise<void>;
}

/** The client's own program, beside this file in dist/. */
const PROGRAM = join(import.meta.dirname, 'usercrash-client');

/**
 * Gives crashes to processes of their own, each of which takes one, gives up root, analyses it and ends. One of them is always there
 * already, with its code loaded: nobody waits for the start of a process.
 */
export class Analyser {
  readonly #runDir: string;
  #spare: Spare | null = null;

  constructor(runDir: string) {
    this.#runDir = runDir;
  }

  /** Starts the process that takes the next crash; where there is none to be had, that is for the next crash to try. */
  prepare(): void {
    try {
      this.#spare ??= this.#start();
    } catch (error) {
      kernelLog('warning', `resident client: no process for the next analysis: ${messageOf(error)}`);
    }
  }

  /** Lets a process compile what an analysis needs, where that has not been done since the machine was started. */
  warm(): void {
    try {
      void this.#spawn('--warm', []);
    } catch {
      // The first analysis is slower then.
    }
  }

  /**
   * Hands a crash over.
   *
   * @param descriptors As many as the crash has roles; they stay the caller's, who closes them.
   * @returns `ended` resolves when the process that took it has ended.
   * @throws {SystemCallError} {Error} Where no process takes it.
   */
  give(crash: HandedCrash, descriptors: readonly number[]): { ended: Promise<void> } {
    const spare = this.#spare ?? this.#start();
    this.#spare = null;
    try {
      sendCrash(spare.socket, crash, descriptors);
    } finally {
      closeSync(spare.socket);
    }
    const ended = spare.ended.then(() => this.prepare());
    return { ended };
  }

  /** @param descriptors What it has from 3 on. @returns Resolves when it has ended. */
  #spawn(flag: string, descriptors: readonly number[]): Promise<void> {
    const words = [PROGRAM, this.#runDir, flag].map((word) => Buffer.from(word));
    return asRoot(() => startToItsEnd(words, descriptors));
  }

  #start(): Spare {
    const [socket, other] = socketpair();
    try {
      const ended = this.#spawn('--analyse', [other]);
      const spare = { socket, ended };
      // One that ends without a crash is replaced when the next one comes.
      void ended.then(() => {
        if (this.#spare !== spare) return;
        this.#spare = null;
        closeSync(socket);
      });
      return spare;
    } catch (error) {
      closeSync(socket);
      throw error;
    } finally {
      closeSync(other);
    }
  }
}
