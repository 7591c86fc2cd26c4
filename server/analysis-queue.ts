import type { Pace } from './pace.ts';

/**
 * How an analysis of a crash that waited has ended: it has its report or will not be tried again, it failed, or there was
 * no room for its report.
 */
export type Ran = 'done' | 'again' | 'no room';

/** How long nothing is started after there was no room: longer each time, until something succeeds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * How many analyses run at once, and which crash is next.
 *
 * A fresh crash takes a place with {@link tryTake} and analyses in the client that captured it. Where none is free it
 * waits here, and `run` is called for it when its turn comes: that starts a client of its own and ends with it.
 */
export class AnalysisQueue {
  readonly #places: number;
  readonly #run: (crashId: string) => Promise<Ran>;
  readonly #pace: Pace;
  readonly #waiting: string[] = [];
  readonly #known = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #taken = 0;
  #isStopped = false;
  #pauseMs = 0;
  #pause: NodeJS.Timeout | null = null;
  #nextByPace: NodeJS.Timeout | null = null;

  /**
   * @param places At least 1.
   * @param run Analyses a crash that waited, and says how it ended; must not reject.
   * @param pace How many may begin in a minute, here or with {@link tryTake}.
   */
  constructor(places: number, run: (crashId: string) => Promise<Ran>, pace: Pace) {
    this.#places = places;
    this.#run = run;
    this.#pace = pace;
  }

  /** Crashes that wait for a place. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether this crash waits or runs here. */
  has(crashId: string): boolean {
    return this.#known.has(crashId);
  }

  /** Takes a place, if one is free, nobody waits for it and the pace allows. @returns Gives it back; null where there is none. */
  tryTake(): (() => void) | null {
    if (this.#taken >= this.#places || this.#waiting.length > 0 || !this.#pace.tryTake()) return null;
    this.#taken += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken -= 1;
      this.#next();
    };
  }

  /** Puts a crash at the end of the queue; one that is here already stays where it is. */
  add(crashId: string): void {
    if (this.#known.has(crashId)) return;
    this.#known.add(crashId);
    this.#waiting.push(crashId);
    this.#next();
  }

  /** There was no room to store a report: starts nothing for a while. What is added meanwhile waits. */
  pause(): void {
    if (this.#pause !== null) return;
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#next();
    }, this.#pauseMs).unref();
  }

  /** Starts nothing more: what waits stays on disk. Fresh crashes still get places. */
  stop(): void {
    this.#isStopped = true;
    if (this.#pause !== null) clearTimeout(this.#pause);
    if (this.#nextByPace !== null) clearTimeout(this.#nextByPace);
  }

  /** When those that run have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #next(): void {
    while (!this.#isStopped && this.#pause === null && this.#taken < this.#places) {
      if (this.#waiting.length === 0) return;
      if (!this.#pace.tryTake()) {
        this.#waitForPace();
        return;
      }
      const crashId = this.#waiting.shift() ?? '';
      this.#taken += 1;
      const run = this.#run(crashId).then((ran) => {
        this.#running.delete(run);
        this.#known.delete(crashId);
        this.#taken -= 1;
        if (ran === 'no room') this.pause();
        else this.#pauseMs = 0;
        if (ran !== 'done') this.add(crashId);
        this.#next();
      });
      this.#running.add(run);
    }
  }

  #waitForPace(): void {
    this.#nextByPace ??= setTimeout(() => {
      this.#nextByPace = null;
      this.#next();
    }, this.#pace.waitMs).unref();
  }
}
