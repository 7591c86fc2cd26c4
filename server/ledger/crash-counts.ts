import type { CrashEvent } from '../../protocol/codec.ts';
import type { Outcome } from '../history-line.ts';

/** Crashes that are remembered because another word on them may follow. */
const MAX_OPEN = 20_000;

/** What became of the crashes since the start of the server, each counted once, by the last word on it. */
export class CrashCounts {
  /** Words that are not taken back, each counted: these numbers only grow. */
  readonly #told = { full: 0, repeat: 0, excluded: 0, notCollected: 0, withdrawn: 0 };
  #full = 0;
  #repeat = 0;
  #withdrawn = 0;
  /** Those of which more may be heard. */
  readonly #open = new Map<string, string>();
  #older = { pending: 0, notCollected: 0 };
  /** When the last crash happened, in microseconds since the epoch. */
  lastUs: number | null = null;

  add(
    { crashId, atUs, excludedBy }: Pick<CrashEvent, 'crashId' | 'atUs' | 'excludedBy'>,
    collected: Outcome['collected'],
  ): void {
    const word =
      collected === 'not collected' ? (excludedBy === '' ? 'notCollected' : 'excluded') : collected;
    if (word !== 'pending') this.#told[word] += 1;
    this.#open.delete(crashId);
    if (collected === 'full') this.#full += 1;
    else if (collected === 'repeat') this.#repeat += 1;
    else if (collected === 'withdrawn') this.#withdrawn += 1;
    else this.#remember(crashId, collected);
    if (collected !== 'withdrawn') this.lastUs = Math.max(this.lastUs ?? 0, atUs);
  }

  get all() {
    const open = [...this.#open.values()];
    const pending = open.filter((collected) => collected === 'pending').length;
    return {
      collected: this.#full,
      repeat: this.#repeat,
      pending: this.#older.pending + pending,
      notCollected: this.#older.notCollected + open.length - pending,
      withdrawn: this.#withdrawn,
      told: { ...this.#told },
    };
  }

  #remember(crashId: string, collected: string): void {
    this.#open.set(crashId, collected);
    if (this.#open.size <= MAX_OPEN) return;
    for (const [oldest, was] of this.#open) {
      this.#open.delete(oldest);
      this.#older[was === 'pending' ? 'pending' : 'notCollected'] += 1;
      return;
    }
  }
}
