/** What is to be known of a sysctl that we have written. */
export interface SysctlState<Value> {
  /** What we have written; null where it is not our business. */
  wanted: Value | null;
  now: Value;
  /** When somebody else last changed what we had written. */
  changedAtMs: number | null;
  changes: number;
  takenBack: number;
}

/** A sysctl that others write as well. */
export class WatchedSysctl<Value extends string | number> {
  #now: Value;
  #changedAtMs: number | null = null;
  #changes = 0;
  #takenBack = 0;

  constructor(now: Value) {
    this.#now = now;
  }

  get now(): Value {
    return this.#now;
  }

  state(wanted: Value | null): SysctlState<Value> {
    return {
      wanted,
      now: this.#now,
      changedAtMs: this.#changedAtMs,
      changes: this.#changes,
      takenBack: this.#takenBack,
    };
  }

  /**
   * @param now What it is.
   * @param isOthers Whether that is somebody else's doing.
   * @returns What it was before, where somebody else has just changed it; otherwise null.
   */
  saw(now: Value, isOthers: boolean): Value | null {
    const before = this.#now;
    this.#now = now;
    if (now === before || !isOthers) return null;
    this.#changes += 1;
    this.#changedAtMs = Date.now();
    return before;
  }

  /** It is ours again. */
  tookBack(now: Value): void {
    if (now === this.#now) return;
    this.#now = now;
    this.#takenBack += 1;
  }
}
