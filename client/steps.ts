/** Times of a collection's steps, for the report: each says when it had ended. */
export class Steps {
  readonly #list: { name: string; atMs: number }[] = [];

  /** @param name What has just ended. */
  ended(name: string): void {
    // Rounded to microseconds; performance counts from the start of this process, which is the kernel's answer to the crash.
    this.#list.push({ name, atMs: Math.round(performance.now() * 1000) / 1000 });
  }

  /** When a step had ended; 0 for one that has not. */
  atMs(name: string): number {
    return this.#list.find((step) => step.name === name)?.atMs ?? 0;
  }

  get list(): { name: string; atMs: number }[] {
    return [...this.#list];
  }
}

/**
 * Microseconds since the epoch at which the crash was seen.
 *
 * @param kernelSeconds The kernel's own time of the crash (%t), in whole seconds.
 * @returns The start of this process, which follows the crash by a few milliseconds; the kernel's time where the two
 *   do not agree, because the machine was too busy to start us or somebody has set the clock.
 */
export function crashTimeUs(kernelSeconds: number, startedMs: number = performance.timeOrigin): number {
  const isNear = startedMs >= kernelSeconds * 1000 && startedMs < (kernelSeconds + 2) * 1000;
  return isNear ? Math.round(startedMs * 1000) : kernelSeconds * 1_000_000;
}
