/** When a step had ended, in milliseconds after the crash was seen. */
export interface Step {
  name: string;
  atMs: number;
}

/** The same as another thread can take it over: moments on process.hrtime's clock, which all threads share. */
export interface StepsData {
  seenNs: bigint;
  ended: { name: string; ns: bigint }[];
}

/**
 * Times of a collection's steps, for the report.
 *
 * While a process is held only the clock is read: Node's `performance` costs 6 ms to load.
 */
export class Steps {
  readonly #ended: { name: string; ns: bigint }[];
  #seenNs: bigint | null;

  /**
   * @param seenNs When the crash was seen, on process.hrtime's clock; null where that is the start of this process,
   *   which is then the kernel's answer to the crash.
   */
  constructor(seenNs: bigint | null = null, ended: StepsData['ended'] = []) {
    this.#seenNs = seenNs;
    this.#ended = [...ended];
  }

  /** @param name What has just ended. */
  ended(name: string): void {
    this.#ended.push({ name, ns: process.hrtime.bigint() });
  }

  get data(): StepsData {
    this.#seenNs ??= process.hrtime.bigint() - BigInt(Math.round(performance.now() * 1e6));
    return { seenNs: this.#seenNs, ended: this.#ended };
  }

  /** In their order, rounded to microseconds. */
  get list(): Step[] {
    const { seenNs, ended } = this.data;
    return ended.map(({ name, ns }) => ({ name, atMs: Math.round(Number(ns - seenNs) / 1000) / 1000 }));
  }

  /** When a step had ended; 0 for one that has not. */
  atMs(name: string): number {
    return this.list.find((step) => step.name === name)?.atMs ?? 0;
  }

  /** When the crash was seen, in milliseconds since the epoch. */
  get seenMs(): number {
    const agoNs = process.hrtime.bigint() - this.data.seenNs;
    return performance.timeOrigin + performance.now() - Number(agoNs) / 1e6;
  }
}

/**
 * Microseconds since the epoch at which a crash happened.
 *
 * @param kernelSeconds The kernel's own time of the crash (%t), in whole seconds.
 * @param seenMs When we saw it, in milliseconds since the epoch.
 * @returns What we saw, which follows the crash by some milliseconds; the kernel's time where the two do not agree,
 *   because the machine was too busy to start us or somebody has set the clock.
 */
export function crashTimeUs(kernelSeconds: number, seenMs: number): number {
  const isNear = seenMs >= kernelSeconds * 1000 && seenMs < (kernelSeconds + 2) * 1000;
  return isNear ? Math.round(seenMs * 1000) : kernelSeconds * 1_000_000;
}
