import { join } from 'node:path';
import { serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { plainCaptured } from '../capture/plain-captured.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import type { ReleasedCrash } from './finish-report.ts';
import { kernelLog } from './kernel-log.ts';

/** Where the build puts finish-worker.ts. */
const PROGRAM = 'usercrash-client-analysis.cjs';

/**
 * Finishes captured crashes in a thread, several at once: what the server does not let be analysed now it analyses later.
 */
export class Finisher {
  #worker: Worker | null = null;
  #running = 0;
  #idle: (() => void) | null = null;

  /** Starts the thread before the first crash needs it. */
  constructor() {
    this.#start();
  }

  /** Takes over a captured crash; does not wait for anything. */
  add(crash: ReleasedCrash): void {
    const worker = this.#worker ?? this.#start();
    const bytes = serialize({ ...crash, captured: plainCaptured(crash.captured) });
    this.#running += 1;
    worker.postMessage(bytes, [bytes.buffer]);
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
    const worker = new Worker(join(import.meta.dirname, PROGRAM), {
      // Descriptors come from the kernel and from other threads: Node's own book of them would be wrong.
      trackUnmanagedFds: false,
    });
    this.#worker = worker;
    worker.on('message', () => this.#finished(1));
    worker.on('error', (error) => {
      // What it had in hand is in the server's, or was not stored yet: the server's history says so.
      kernelLog('error', `resident client: the finishing thread failed: ${messageOf(error)}`);
      this.#worker = null;
      this.#finished(this.#running);
    });
    return worker;
  }

  #finished(count: number): void {
    this.#running -= count;
    if (this.#running === 0) this.#idle?.();
  }
}
