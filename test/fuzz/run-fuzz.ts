import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { casesOf } from './cases-of.ts';
import type { FuzzOrder, FuzzReport } from './fuzz-worker.ts';
import { loadTarget } from './load-target.ts';

/** How much to run. */
export interface FuzzRun {
  seed: number;
  /** See {@link FuzzCases}. */
  maxCuts: number;
  /** Cases at most, those that are cut off among them; the first one is `first`. */
  cases: number;
  first?: number;
  /** Milliseconds in which cases may begin, from the first one on. */
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
 * @param target The name of one in targets.ts.
 * @returns How many inputs there were, and the first that something is wrong with.
 * @throws What went wrong with the run itself, such as an input that cannot be made; the message names the case in hand.
 */
export async function runFuzz(
  target: string,
  run: FuzzRun,
): Promise<{ cases: number; failure: FuzzFailure | null }> {
  const progress = new SharedArrayBuffer(8);
  const { first = 0, hangMs = HANG_MS } = run;
  const order: FuzzOrder = {
    target,
    seed: run.seed,
    maxCuts: run.maxCuts,
    first,
    end: first + run.cases,
    runMs: run.runMs,
    progress,
  };
  // All that the target makes lies in here, also where it is ended before it could close.
  const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
  chmodSync(directory, 0o711); // What runs in a cage is somebody else's.
  const worker = new Worker(join(import.meta.dirname, 'fuzz-worker.ts'), {
    workerData: order,
    env: { ...process.env, TMPDIR: directory },
    // Descriptors come from the kernel: Node's own book of them would be wrong.
    trackUnmanagedFds: false,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  const seen = new Int32Array(progress);
  Atomics.store(seen, 0, NOT_BEGUN);
  const inHand = () => Math.max(first, Atomics.load(seen, 0));
  let watch: NodeJS.Timeout | undefined;
  try {
    const ended = new Promise<{ cases: number; failure: FuzzFailure | string | null }>((resolve, reject) => {
      let beats = -1;
      let sinceMs = Date.now();
      watch = setInterval(() => {
        const now = Atomics.load(seen, 1);
        // Loading the target may take a second or two, and is nobody's input.
        if (now !== beats || Atomics.load(seen, 0) === NOT_BEGUN) {
          beats = now;
          sinceMs = Date.now();
        } else if (Date.now() - sinceMs > hangMs) {
          resolve({ cases: beats, failure: `has not ended after ${hangMs} ms` });
        }
      }, CHECK_MS);
      worker.once('message', ({ cases, failure }: FuzzReport) => {
        resolve({ cases, failure: failure && { ...failure, input: Buffer.from(failure.input) } });
      });
      worker.once('error', (error: Error & { code?: string }) => {
        if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY')
          return reject(
            new Error(`the run itself failed, at case ${inHand()}: ${error.message}`, { cause: error }),
          );
        resolve({ cases: Atomics.load(seen, 1), failure: `took over ${MAX_HEAP_MIB} MiB` });
      });
      worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}, at case ${inHand()}`)));
    });
    const { cases, failure } = await ended;
    if (typeof failure !== 'string') return { cases, failure };
    const index = inHand();
    return { cases, failure: { index, what: failure, input: await inputOf(target, run, index) } };
  } finally {
    clearInterval(watch);
    await worker.terminate();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The input of a case whose worker cannot tell it any more. */
async function inputOf(name: string, run: FuzzRun, index: number): Promise<Buffer> {
  const target = await loadTarget(name);
  try {
    return casesOf(target, run).input(index);
  } finally {
    await target.close?.();
  }
}
