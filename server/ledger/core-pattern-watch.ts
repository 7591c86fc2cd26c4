import type { Logger } from 'winston';
import { messageOf } from '../../errors/usercrash-error.ts';
import { readCoreSysctls } from '../../linux/core-pattern.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { isOurPattern } from '../../protocol/core-pattern.ts';
import type { OwnCorePattern } from '../own-core-pattern.ts';

/** The kernel wakes nobody for this sysctl (poll(2) works for hostname and domainname alone), and a read is cheap. */
const PERIOD_MS = 2_000;
/** Two programs that both want it must not fight for ever. */
const MAX_TAKEN_BACK = 3;
const TAKEN_BACK_WITHIN_MS = 60 * 60 * 1000;

/** What is to be known of core_pattern. */
export interface CorePatternState {
  /** What we have written; null where it is not our business. */
  wanted: string | null;
  now: string;
  /** When somebody else last changed what we had written. */
  changedAtMs: number | null;
  changes: number;
  takenBack: number;
}

/** Notices who else writes core_pattern, and takes it back where that is wanted. */
export class CorePatternWatch {
  readonly #runDir: string;
  readonly #options: { takesBack: boolean; log: Logger; changed: () => void };
  #own: OwnCorePattern | null = null;
  #timer: NodeJS.Timeout | null = null;
  #now = '';
  #changedAtMs: number | null = null;
  #changes = 0;
  #takenBackAtMs: number[] = [];
  #takenBack = 0;
  #hasGivenUp = false;

  /** @param options `changed`: called when {@link state} has. */
  constructor(runDir: string, options: { takesBack: boolean; log: Logger; changed: () => void }) {
    this.#runDir = runDir;
    this.#options = options;
    this.look();
  }

  get state(): CorePatternState {
    return {
      wanted: this.#own?.current ?? null,
      now: this.#now,
      changedAtMs: this.#changedAtMs,
      changes: this.#changes,
      takenBack: this.#takenBack,
    };
  }

  /** Whether a crash of this moment comes to this server, and if not, whether it was to. */
  get directs(): 'here' | 'elsewhere' | 'not our business' {
    if (isOurPattern(this.#now, this.#runDir)) return 'here';
    return this.#own === null ? 'not our business' : 'elsewhere';
  }

  /** Crashes come to us from now on: whoever changes that is somebody else. */
  taken(own: OwnCorePattern): void {
    this.#own = own;
    this.#timer = setInterval(() => this.look(), PERIOD_MS).unref();
    this.look();
  }

  /** We are about to put it back ourselves. */
  release(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#own = null;
  }

  /** Reads it, at once. Never throws. */
  look(): void {
    const before = this.#now;
    this.#now = readPattern();
    if (this.#now !== before) this.#options.changed();
    if (this.directs === 'elsewhere') this.#elsewhere(before);
    else if (this.#own !== null && this.#hasGivenUp) this.#hasGivenUp = false;
  }

  #elsewhere(before: string): void {
    const { log, takesBack } = this.#options;
    if (this.#now !== before) {
      this.#changes += 1;
      this.#changedAtMs = Date.now();
      log.error('core-pattern-changed', { was: before, now: this.#now, wanted: this.#own?.current });
    }
    if (!takesBack || this.#own === null) return;
    const sinceMs = Date.now() - TAKEN_BACK_WITHIN_MS;
    this.#takenBackAtMs = this.#takenBackAtMs.filter((atMs) => atMs > sinceMs);
    if (this.#takenBackAtMs.length >= MAX_TAKEN_BACK) {
      if (!this.#hasGivenUp) log.error('core-pattern-left', { why: `taken back ${MAX_TAKEN_BACK} times` });
      this.#hasGivenUp = true;
      return;
    }
    this.#takenBackAtMs.push(Date.now());
    this.#takeBack(this.#own);
  }

  #takeBack(own: OwnCorePattern): void {
    const { log, changed } = this.#options;
    try {
      own.takeBack();
      this.#now = readPattern();
      this.#takenBack += 1;
      log.warn('core-pattern-taken-back', { corePattern: this.#now });
    } catch (error) {
      log.error('core-pattern-left', { error: messageOf(error) });
    }
    changed();
  }
}

/** Empty where the kernel has none. */
function readPattern(): string {
  try {
    return readCoreSysctls().corePattern;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return '';
    throw error;
  }
}
