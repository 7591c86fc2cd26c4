const MINUTE_MS = 60_000;

/** How many reports all crashes of the machine together get in any minute. */
export class Pace {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** When the last of them began, the oldest first; at most as many as a minute may have. */
  readonly #begun: number[] = [];

  /**
   * @param perMinute At least 1.
   * @param now Milliseconds on a clock that nobody sets.
   */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** How long until another may begin; 0 where it may now. */
  get waitMs(): number {
    const [oldest] = this.#begun;
    if (oldest === undefined || this.#begun.length < this.#perMinute) return 0;
    return Math.max(0, oldest + MINUTE_MS - this.#now());
  }

  /** Begins one. @returns False where it is too early. */
  tryTake(): boolean {
    if (this.waitMs > 0) return false;
    if (this.#begun.length >= this.#perMinute) this.#begun.shift();
    this.#begun.push(this.#now());
    return true;
  }
}
