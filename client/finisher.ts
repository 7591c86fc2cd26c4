import { join } from 'node:path';
import { serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { plainCaptured } from '../capture/plain-captured.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { asRoot } from '../linux/as-root.ts';
import type { CrashEvent } from '../protocol/codec.ts';
import type { Room } from './accept-while-room.ts';
import { crashEventOf } from './crash-event.ts';
import type { ReleasedCrash } from './finish-report.ts';
import { kernelLog } from './kernel-log.ts';
import { KnownRepeats } from './known-repeats.ts';
import type { Repeat } from './report-target.ts';
import { crashTimeUs, Steps } from './steps.ts';

/** Where the build puts finish-worker.ts. */
const PROGRAM = 'usercrash-client-analysis.cjs';
/** Captured crashes that wait in memory until they are stored: with one more that is large, most of what a storm costs. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;
const MAX_WAITING = 8;
/** Repeats that wait until the thread takes them, of some hundred bytes each. */
const MAX_WAITING_REPEATS = 512;
/** The thread's new objects, of which most die at once: by default they are let grow to 48 MiB. */
const YOUNG_GENERATION_MIB = 3;

/** Who takes over captured crashes. */
export interface Finishing extends Room {
  /** Takes over a captured crash; does not wait for anything. */
  add(crash: ReleasedCrash): void;
  /** The crash that one with this quick key is known to repeat; null for news. */
  repeatOf(quickKey: string): string | null;
}

/** What the thread is given: a crash, or at once what is to be counted of several. */
export type FinishingTask = { crash: ReleasedCrash } | { repeats: CrashEvent[] };

/** What the thread says. */
export type FinishingWord = 'stored' | 'finished' | 'counted' | Repeat;

/**
 * Finishes captured crashes in a thread, several at once: what the server does not let be analysed now it analyses later.
 * What it has not stored yet is bounded; beyond it processes wait for their capture.
 */
export class Finisher implements Finishing {
  readonly #repeats = new KnownRepeats();
  #worker: Worker | null = null;
  #running = 0;
  /** Bytes of each crash that is not stored yet, in the order in which the thread takes them. */
  #waiting: number[] = [];
  #waitingBytes = 0;
  /** Repeats of which the thread does not know yet. */
  readonly #uncounted: CrashEvent[] = [];
  #isCounting = false;
  readonly #forRoom: (() => void)[] = [];
  #idle: (() => void) | null = null;

  readonly #runDir: string;

  /** Starts the thread before the first crash needs it. */
  constructor(runDir: string) {
    this.#runDir = runDir;
    this.#start();
  }

  get hasRoom(): boolean {
    const isFull = this.#waiting.length >= MAX_WAITING || this.#waitingBytes >= MAX_WAITING_BYTES;
    return !isFull && this.#uncounted.length < MAX_WAITING_REPEATS;
  }

  whenRoom(then: () => void): void {
    if (this.hasRoom) then();
    else this.#forRoom.push(then);
  }

  repeatOf(quickKey: string): string | null {
    return this.#repeats.of(quickKey);
  }

  add(crash: ReleasedCrash): void {
    const { kernel, captured } = crash;
    if (captured.repeatOf !== undefined) {
      const { seenMs } = new Steps(crash.steps.seenNs);
      this.#uncounted.push(crashEventOf(crash, crashTimeUs(kernel.time, seenMs)));
      if (!this.#isCounting) this.#count();
      return;
    }
    const bytes = this.#give({ crash: { ...crash, captured: plainCaptured(captured) } });
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes;
  }

  /** Those that came while the ones before were counted go together. */
  #count(): void {
    this.#isCounting = this.#uncounted.length > 0;
    if (this.#isCounting) this.#give({ repeats: this.#uncounted.splice(0) });
  }

  /** @returns How many bytes it is. */
  #give(task: FinishingTask): number {
    const worker = this.#worker ?? this.#start();
    const bytes = serialize(task);
    const { length } = bytes;
    this.#running += 1;
    worker.postMessage(bytes, [bytes.buffer]);
    return length;
  }

  /** When all that was added is finished, or `limitMs` are over. */
  async stop(limitMs: number): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        setTimeout(resolve, limitMs).unref();
      });
    }
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // It has root's rights until its code is read, which may lie where only root can go.
    const worker = asRoot(
      () =>
        new Worker(join(import.meta.dirname, PROGRAM), {
          // Descriptors come from the kernel and from other threads: Node's own book of them would be wrong.
          trackUnmanagedFds: false,
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
          workerData: this.#runDir,
        }),
    );
    this.#worker = worker;
    worker.on('message', (word: FinishingWord) => {
      if (word === 'stored') this.#stored(1);
      else if (word === 'finished') this.#finished(1);
      else if (word === 'counted') this.#counted();
      else this.#repeats.learn(word);
    });
    worker.on('error', (error) => {
      // What it had in hand is in the server's, or was not stored yet: the server's history says so.
      kernelLog('error', `resident client: the finishing thread failed: ${messageOf(error)}`);
      this.#worker = null;
      this.#stored(this.#waiting.length);
      this.#finished(this.#running);
      this.#count();
    });
    return worker;
  }

  #stored(count: number): void {
    for (const bytes of this.#waiting.splice(0, count)) this.#waitingBytes -= bytes;
    this.#tellOfRoom();
  }

  #counted(): void {
    this.#count();
    this.#finished(1);
    this.#tellOfRoom();
  }

  #tellOfRoom(): void {
    if (this.hasRoom) for (const then of this.#forRoom.splice(0)) then();
  }

  #finished(count: number): void {
    this.#running -= count;
    if (this.#running === 0) this.#idle?.();
  }
}
