import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { casesOf } from './cases-of.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import type { FuzzOrder, FuzzReport } from './fuzz-worker.ts';

/** How much to run. */
export interface FuzzRun {
  seed: number;
  /** See {@link FuzzCases}. */
  maxCuts: number;
  /** Cases at most, those that are cut off among them; the first one is `first`. */
  cases: number;
  first?: number;
  /** Milliseconds in which cases may begin. */
  runMs: number;
  /** An input that takes longer never ends; {@link HANG_MS} where it is not told. */
  hangMs?: number;
}

/** An input that something is wrong with. */
export interface FuzzFailure {
  index: number;
  what: string;
  /** As small as it could be made. */
  input: Buffer;
}

/** Far above the time that any target may take. */
const HANG_MS = 60_000;
/** In place of the case in hand. */
const NOT_BEGUN = -1;
/** How often the worker is looked after. */
const CHECK_MS = 200;
/** Objects, in MiB; buffers are counted by the worker. */
const MAX_HEAP_MIB = 512;

/**
 * Runs a target on inputs that follow from its corpus and a seed.
 *
 * @returns How many inputs there were, and the first that something is wrong with.
 */
export async function runFuzz(
  target: FuzzTarget,
  run: FuzzRun,
): Promise<{ cases: number; failure: FuzzFailure | null }> {
  const progress = new SharedArrayBuffer(8);
  const { first = 0, hangMs = HANG_MS } = run;
  const order: FuzzOrder = {
    target: target.name,
    seed: run.seed,
    maxCuts: run.maxCuts,
    first,
    end: first + run.cases,
    deadlineMs: Date.now() + run.runMs,
    progress,
  };
  const worker = new Worker(join(import.meta.dirname, 'fuzz-worker.ts'), {
    workerData: order,
    // Descriptors come from the kernel: Node's own book of them would be wrong.
    trackUnmanagedFds: false,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const seen = new Int32Array(progress);
  Atomics.store(seen, 0, NOT_BEGUN);
  const failureOf = (what: string): FuzzFailure => {
    const index = Math.max(first, Atomics.load(seen, 0));
    return {
      index,
      what,
      input: casesOf(target, run).input(index),
    };
  };
  let watch: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      let beats = -1;
      let sinceMs = Date.now();
      watch = setInterval(() => {
        const now = Atomics.load(seen, 1);
        // Loading all targets takes a second or two, and is nobody's input.
        if (now !== beats || Atomics.load(seen, 0) === NOT_BEGUN) {
          beats = now;
          sinceMs = Date.now();
        } else if (Date.now() - sinceMs > hangMs) {
          resolve({ cases: beats, failure: failureOf(`has not ended after ${hangMs} ms`) });
        }
      }, CHECK_MS);
      worker.once('message', ({ cases, failure }: FuzzReport) => {
        resolve({ cases, failure: failure && { ...failure, input: Buffer.from(failure.input) } });
      });
      worker.once('error', (error: Error & { code?: string }) => {
        if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error);
        resolve({ cases: Atomics.load(seen, 1), failure: failureOf(`took over ${MAX_HEAP_MIB} MiB`) });
      });
      worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    });
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}
