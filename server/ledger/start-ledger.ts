import type { Logger } from 'winston';
import type { CrashEvent } from '../../protocol/codec.ts';
import type { CrashNotes } from '../crash-notes.ts';
import type { Outcome } from '../history-line.ts';
import { toldCrashes } from '../told-crashes.ts';
import { CorePatternWatch } from './core-pattern-watch.ts';
import { CrashCounts } from './crash-counts.ts';
import { LedgerJournal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { type ServerWork, serverStatus } from './server-status.ts';
import { StatusFile } from './status-file.ts';

/** The ledger, the watch over core_pattern, and status.json. */
export interface RunningLedger {
  corePattern: CorePatternWatch;
  /** A client has a crash in hand. */
  began(event: CrashEvent): void;
  /** The history is told something of a crash. */
  noted(event: CrashEvent, outcome: Outcome): void;
  /** That stands in the history. */
  written(event: CrashEvent): void;
  /** The server has something else in hand. */
  changed(): void;
  stop(): Promise<void>;
}

/** Starts them; what a server that was killed left open is noted as a gap. */
export function startLedger(options: {
  runDir: string;
  logDir: string;
  notes: CrashNotes;
  kept: () => Promise<readonly { crashId: string }[]>;
  /** A socket of the process connector from a service manager; null for one of our own. */
  held: number | null;
  log: Logger;
  takesBackCorePattern: boolean;
  work: () => ServerWork;
  configurationProblems: readonly string[];
}): RunningLedger {
  const { runDir, logDir, notes, kept, log, work, configurationProblems } = options;
  const startedMs = Date.now();
  const counts = new CrashCounts();
  let state: 'running' | 'stopped' = 'running';
  const changed = () => status.changed();
  const status: StatusFile = new StatusFile(
    runDir,
    () =>
      serverStatus({
        state,
        startedMs,
        counts,
        corePattern: corePattern.state,
        ledger: ledger.state,
        work: work(),
        configurationProblems,
      }),
    log,
  );
  const corePattern = new CorePatternWatch(runDir, {
    takesBack: options.takesBackCorePattern,
    log,
    changed,
  });
  const journal = new LedgerJournal(runDir, log);
  const told = (pids: ReadonlySet<number>, sinceUs: number) => toldCrashes(logDir, pids, sinceUs);
  const ledger = new Ledger(
    { notes, kept, told, journal, corePattern, log, changed },
    { held: options.held },
  );
  ledger.start(corePattern.directs === 'here' ? killedServer(status.read()) : null);
  status.write();
  return {
    corePattern,
    began: (event) => ledger.began(event),
    noted(event, outcome) {
      counts.add(event, outcome.collected);
      ledger.noted(event);
      changed();
    },
    written: (event) => ledger.written(event),
    changed,
    async stop() {
      await ledger.stop();
      state = 'stopped';
      status.write();
    },
  };
}

/** The server that has written this status, where it did not end by itself; null where it did. */
function killedServer(before: object | null): { pid: number | null; aliveMs: number } | null {
  if (before === null || !('state' in before) || before.state !== 'running') return null;
  const writtenMs = 'writtenAt' in before ? Date.parse(String(before.writtenAt)) : Number.NaN;
  return {
    pid: 'pid' in before && typeof before.pid === 'number' ? before.pid : null,
    aliveMs: Number.isNaN(writtenMs) ? Date.now() : writtenMs,
  };
}
