import { randomFrom } from '../random.ts';
import { type Mutation, mutate } from './mutate.ts';

/** Every input that follows from a corpus and a seed; each by itself, so that a failing one can be made again. */
export class FuzzCases {
  readonly #corpus: readonly Buffer[];
  readonly #seed: number;
  readonly #cutStep: number;
  readonly #change: Mutation;

  /**
   * @param corpus Inputs of the real world, at least one.
   * @param seed As for randomFrom(): each has cases of its own.
   * @param options `change`: see FuzzTarget. `maxCuts`: how many cases are inputs that are cut off, every second one until there were all lengths: where the
   *   inputs have more bytes, at every second, third ... length.
   */
  constructor(
    corpus: readonly Buffer[],
    seed: number,
    { maxCuts = Number.POSITIVE_INFINITY, change = mutate }: { maxCuts?: number; change?: Mutation } = {},
  ) {
    if (corpus.length === 0) throw new Error('the corpus is empty');
    this.#corpus = corpus;
    this.#seed = seed;
    this.#change = change;
    const lengths = corpus.reduce((sum, { length }) => sum + length + 1, 0);
    this.#cutStep = Math.max(1, Math.ceil(lengths / maxCuts));
  }

  /** @param index From 0 on, without end. First each input as it is, by which all else is measured. */
  input(index: number): Buffer {
    const whole = this.#corpus[index];
    if (whole !== undefined) return Buffer.from(whole);
    const made = index - this.#corpus.length;
    const cut = made % 2 === 0 ? this.#cut(made / 2) : null;
    if (cut !== null) return cut;
    const random = randomFrom(this.#seed, index);
    const base = this.#corpus[random(this.#corpus.length)] ?? Buffer.alloc(0);
    return (random(2) === 0 ? this.#change : mutate)(base, random, this.#corpus);
  }

  /** Each input at every length, its own included; null when there were all. */
  #cut(index: number): Buffer | null {
    let length = index * this.#cutStep + (this.#seed % this.#cutStep);
    for (const input of this.#corpus) {
      if (length <= input.length) return Buffer.from(input.subarray(0, length));
      length -= input.length + 1;
    }
    return null;
  }
}
