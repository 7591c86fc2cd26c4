import type { Logger } from 'winston';
import { messageOf } from '../../errors/usercrash-error.ts';
import { type CoreSysctls, readCoreSysctls } from '../../linux/core-pattern.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { isOurPattern } from '../../protocol/core-pattern.ts';
import type { OwnCorePattern } from '../own-core-pattern.ts';
import { type SysctlState, WatchedSysctl } from './watched-sysctl.ts';

/** The kernel wakes nobody for these sysctls (poll(2) works for hostname and domainname alone), and a read is cheap. */
const PERIOD_MS = 2_000;
/** Two programs that both want it must not fight for ever. */
const MAX_TAKEN_BACK = 3;
const TAKEN_BACK_WITHIN_MS = 60 * 60 * 1000;

/** Both of what decides whether and how crashes come to us. */
export interface CorePatternState {
  corePattern: SysctlState<string>;
  corePipeLimit: SysctlState<number>;
}

/** Notices who else writes core_pattern or core_pipe_limit, and takes them back where that is wanted. */
export class CorePatternWatch {
  readonly #runDir: string;
  readonly #options: { takesBack: boolean; log: Logger; changed: () => void };
  readonly #pattern: WatchedSysctl<string>;
  readonly #limit: WatchedSysctl<number>;
  #own: OwnCorePattern | null = null;
  #timer: NodeJS.Timeout | null = null;
  #takenBackAtMs: number[] = [];
  #hasGivenUp = false;

  /** @param options `changed`: called when {@link state} has. */
  constructor(runDir: string, options: { takesBack: boolean; log: Logger; changed: () => void }) {
    this.#runDir = runDir;
    this.#options = options;
    const { corePattern, corePipeLimit } = readSysctls();
    this.#pattern = new WatchedSysctl(corePattern);
    this.#limit = new WatchedSysctl(corePipeLimit);
  }

  get state(): CorePatternState {
    return {
      corePattern: this.#pattern.state(this.#own?.current ?? null),
      corePipeLimit: this.#limit.state(this.#own?.corePipeLimit ?? null),
    };
  }

  /** Whether a crash of this moment comes to this server, and if not, whether it was to. */
  get directs(): 'here' | 'elsewhere' | 'not our business' {
    if (isOurPattern(this.#pattern.now, this.#runDir)) return 'here';
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

  /** Reads both, at once. Never throws. */
  look(): void {
    const { corePattern, corePipeLimit } = readSysctls();
    const own = this.#own;
    const isElsewhere = own !== null && !isOurPattern(corePattern, this.#runDir);
    const isOthersLimit = own !== null && corePipeLimit !== own.corePipeLimit;
    const { log, changed } = this.#options;
    if (corePattern !== this.#pattern.now || corePipeLimit !== this.#limit.now) changed();
    const was = this.#pattern.saw(corePattern, isElsewhere);
    if (was !== null) log.error('core-pattern-changed', { was, now: corePattern, wanted: own?.current });
    const limit = this.#limit.saw(corePipeLimit, isOthersLimit);
    if (limit !== null)
      log.error('core-pipe-limit-changed', { was: limit, now: corePipeLimit, wanted: own?.corePipeLimit });
    if (own === null) return;
    if (!isElsewhere && !isOthersLimit) this.#hasGivenUp = false;
    else if (this.#options.takesBack) this.#takeBack(own);
  }

  #takeBack(own: OwnCorePattern): void {
    const { log, changed } = this.#options;
    const sinceMs = Date.now() - TAKEN_BACK_WITHIN_MS;
    this.#takenBackAtMs = this.#takenBackAtMs.filter((atMs) => atMs > sinceMs);
    if (this.#takenBackAtMs.length >= MAX_TAKEN_BACK) {
      if (!this.#hasGivenUp) log.error('core-pattern-left', { why: `taken back ${MAX_TAKEN_BACK} times` });
      this.#hasGivenUp = true;
      return;
    }
    try {
      if (!own.takeBack()) return;
      this.#takenBackAtMs.push(Date.now());
      const now = readSysctls();
      this.#pattern.tookBack(now.corePattern);
      this.#limit.tookBack(now.corePipeLimit);
      log.warn('core-pattern-taken-back', { ...now });
    } catch (error) {
      this.#takenBackAtMs.push(Date.now());
      log.error('core-pattern-left', { error: messageOf(error) });
    }
    changed();
  }
}

/** Nothing where the kernel has none. */
function readSysctls(): CoreSysctls {
  try {
    return readCoreSysctls();
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return { corePattern: '', corePipeLimit: 0 };
    throw error;
  }
}
