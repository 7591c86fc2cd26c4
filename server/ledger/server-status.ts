import { VERSION } from '../../config/version.ts';
import { instantOf } from '../../report/instant.ts';
import type { CorePatternState } from './core-pattern-watch.ts';
import type { CrashCounts } from './crash-counts.ts';
import type { LedgerState } from './ledger-parts.ts';
import type { SysctlState } from './watched-sysctl.ts';

/** What the server is at. */
export interface ServerWork {
  /** Conversations with clients. */
  inProgress: number;
  /** Crashes that wait for their analysis. */
  waiting: number;
  /** Reports that gave way since the start. */
  evicted: number;
}

/**
 * What status.json holds: counts and settings, nothing of any crashed process. Fields are only added.
 *
 * @param parts `state`: `stopped` once the server has ended by itself; a file that says `running` while no such pid does
 *   was left by one that was killed.
 */
export function serverStatus(parts: {
  state: 'running' | 'stopped';
  startedMs: number;
  counts: CrashCounts;
  corePattern: CorePatternState;
  ledger: LedgerState;
  work: ServerWork;
  configurationProblems: readonly string[];
}) {
  const { state, startedMs, counts, corePattern, ledger, work, configurationProblems } = parts;
  const { wanted } = corePattern.corePattern;
  return {
    version: VERSION,
    state,
    pid: process.pid,
    startedAt: isoOf(startedMs * 1000),
    writtenAt: isoOf(Date.now() * 1000),
    /** `null` where core_pattern is not this server's business. */
    mode: wanted === null ? null : wanted.startsWith('@') ? 'socket' : 'pipe',
    crashes: { ...counts.all, lastAt: isoOf(counts.lastUs) },
    work,
    corePattern: sysctlStatus(corePattern.corePattern),
    corePipeLimit: sysctlStatus(corePattern.corePipeLimit),
    ledger,
    configurationProblems,
  };
}

function sysctlStatus<Value>({ wanted, now, changedAtMs, changes, takenBack }: SysctlState<Value>) {
  return { wanted, now, changedAt: isoOf(changedAtMs && changedAtMs * 1000), changes, takenBack };
}

function isoOf(us: number | null): string | null {
  return us === null ? null : instantOf(us).iso;
}
