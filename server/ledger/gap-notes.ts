import { instantOf } from '../../report/instant.ts';
import type { CrashNotes } from '../crash-notes.ts';

/** Gaps of one kind within this are one line in the history: in a storm there is one after the other. */
const TOGETHER_MS = 10_000;

/** Writes down when the ledger did not know everything. */
export class GapNotes {
  readonly #notes: CrashNotes;
  readonly #bootId: string;
  readonly #waiting = new Map<string, { fromMs: number; count: number; timer: NodeJS.Timeout }>();
  /** Gaps so far. */
  count = 0;

  constructor(notes: CrashNotes, bootId: string) {
    this.#notes = notes;
    this.#bootId = bootId;
  }

  /** @param what Goes into the history, so it is the same for gaps of one kind. */
  add(what: string): void {
    this.count += 1;
    const gap = this.#waiting.get(what);
    if (gap !== undefined) {
      gap.count += 1;
      return;
    }
    const timer = setTimeout(() => void this.#write(what), TOGETHER_MS);
    this.#waiting.set(what, { fromMs: Date.now(), count: 1, timer });
  }

  /** One of which both ends are known, in milliseconds since the epoch. */
  async between(what: string, { fromMs, toMs }: { fromMs: number; toMs: number }): Promise<void> {
    this.count += 1;
    const [from, to] = [fromMs, toMs].map((ms) => instantOf(Math.round(ms * 1000)).iso);
    await this.#notes.noteGap(this.#bootId, `${what} from ${from} to ${to}: crashes may be missing`);
  }

  /** Writes what waits; nothing is to follow. */
  async flush(): Promise<void> {
    for (const what of [...this.#waiting.keys()]) await this.#write(what);
  }

  async #write(what: string): Promise<void> {
    const gap = this.#waiting.get(what);
    if (gap === undefined) return;
    clearTimeout(gap.timer);
    this.#waiting.delete(what);
    const from = instantOf(gap.fromMs * 1000).iso;
    const times = gap.count === 1 ? '' : `, ${gap.count} times`;
    await this.#notes.noteGap(this.#bootId, `${what}${times}, from ${from}: crashes may be missing`);
  }
}
