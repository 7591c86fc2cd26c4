import { parentPort, workerData } from 'node:worker_threads';
import { casesOf } from './cases-of.ts';
import { DEFAULT_LIMIT_MS, DEFAULT_MEMORY_BYTES, type FuzzTarget } from './fuzz-target.ts';
import { loadTarget } from './load-target.ts';
import { minimise } from './minimise.ts';

/** What the worker is to do. */
export interface FuzzOrder {
  target: string;
  seed: number;
  maxCuts: number;
  /** The first case, and the one after the last. */
  first: number;
  end: number;
  /** Milliseconds in which cases may begin, from the first one on: loading the target is none of them. */
  runMs: number;
  /** Two numbers: the case in hand, below 0 before there is one, and one that grows whenever an input has been dealt with. */
  progress: SharedArrayBuffer;
}

/** What became of it. */
export type FuzzReport =
  | { cases: number; failure: null }
  | { cases: number; failure: { index: number; what: string; input: Uint8Array } };

/**
 * Runs cases in a thread of its own: whoever started it notices when one never ends.
 */
async function work(order: FuzzOrder): Promise<FuzzReport> {
  const target = await loadTarget(order.target);
  const progress = new Int32Array(order.progress);
  const cases = casesOf(target, order);
  const fault = async (input: Buffer) => {
    const what = await faultOf(target, input);
    Atomics.add(progress, 1, 1);
    return what;
  };
  let index = order.first;
  const startedMs = performance.now();
  try {
    for (; index < order.end && performance.now() - startedMs < order.runMs; index += 1) {
      Atomics.store(progress, 0, index);
      const input = cases.input(index);
      const what = await fault(input);
      if (what === null) continue;
      const kind = kindOf(what);
      const smallest = await minimise(input, async (smaller) => {
        const other = await fault(smaller);
        return other !== null && kindOf(other) === kind;
      });
      return { cases: index - order.first, failure: { index, what, input: smallest } };
    }
    return { cases: index - order.first, failure: null };
  } finally {
    await target.close?.();
  }
}

/** What is wrong with how an input is dealt with; null where nothing is. */
async function faultOf(target: FuzzTarget, input: Buffer): Promise<string | null> {
  const limitMs = target.limitMs ?? DEFAULT_LIMIT_MS;
  const memoryBytes = target.memoryBytes ?? DEFAULT_MEMORY_BYTES;
  const before = process.memoryUsage().arrayBuffers;
  const started = performance.now();
  try {
    // Most answer at once: they are not made to wait for the event loop.
    const running = target.check(input);
    if (running !== undefined) await running;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const tookMs = performance.now() - started;
  if (tookMs > limitMs) return `took ${Math.round(tookMs)} ms, over the limit of ${limitMs}`;
  const grownBytes = process.memoryUsage().arrayBuffers - before;
  return grownBytes > memoryBytes ? `took ${grownBytes} bytes, over the limit of ${memoryBytes}` : null;
}

/** The same fault in another input has the same kind: its first line without the numbers in it. */
function kindOf(what: string): string {
  return (what.split('\n')[0] ?? '').replaceAll(/[0-9a-f]*\d[0-9a-f]*/g, '#').slice(0, 80);
}

// Only runFuzz() starts this file, with an order.
const report = await work(workerData as FuzzOrder);
parentPort?.postMessage(report);
