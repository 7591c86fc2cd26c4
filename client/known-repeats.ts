import type { Repeat } from './report-target.ts';

/** A refusal is believed for so long at most: the server may forget, and may take back what it has granted. */
const MAX_MS = 60_000;
/** Kinds of crashes that are remembered, some 200 bytes each. */
const MAX_KEYS = 1024;

/**
 * What the server has refused as repeats, and for how long it will go on: of such a crash the resident client takes no more
 * than the server counts (docs/decisions/015).
 */
export class KnownRepeats {
  readonly #now: () => number;
  readonly #known = new Map<string, { of: string; untilMs: number }>();

  /** @param now Milliseconds on a clock that nobody sets. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The server has refused a crash. */
  learn({ quickKey, of, notBeforeMs }: Repeat): void {
    this.#known.delete(quickKey);
    this.#known.set(quickKey, { of, untilMs: this.#now() + Math.min(notBeforeMs, MAX_MS) });
    if (this.#known.size <= MAX_KEYS) return;
    const [oldest = ''] = this.#known.keys();
    this.#known.delete(oldest);
  }

  /** The crash that one with this key repeats; null where the server is to be asked. */
  of(quickKey: string): string | null {
    const known = this.#known.get(quickKey);
    if (known === undefined || known.untilMs > this.#now()) return known?.of ?? null;
    this.#known.delete(quickKey);
    return null;
  }
}
