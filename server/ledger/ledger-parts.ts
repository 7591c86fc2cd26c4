import type { Logger } from 'winston';
import type { CrashNotes } from '../crash-notes.ts';
import type { CorePatternWatch } from './core-pattern-watch.ts';
import type { LedgerJournal } from './journal.ts';

/** What a ledger needs of others. */
export interface LedgerParts {
  notes: CrashNotes;
  /** Crashes that clients have stored. */
  kept: () => Promise<readonly { crashId: string }[]>;
  /** See toldCrashes(). */
  told: (pids: ReadonlySet<number>, sinceUs: number) => Promise<Map<string, string>>;
  journal: LedgerJournal;
  corePattern: CorePatternWatch;
  log: Logger;
  /** Called when {@link Ledger.state} has changed. */
  changed: () => void;
}

/** What can be set; all but `held` for tests. */
export interface LedgerOptions {
  /** A socket of the process connector from a service manager. */
  held?: number | null;
  patienceMs?: number;
  receiveBytes?: number;
}

/** For status.json. */
export interface LedgerState {
  state: 'starting' | 'on' | 'off';
  /** Why it is off, or knows less than it could. */
  why: string | null;
  /** Processes that the kernel began to dump, or was to. */
  dumps: number;
  /** Of these: crashes that came, are lost, and are waited for. */
  seen: number;
  lost: number;
  open: number;
  /** Not among the dumps: the kernel never began, e.g. because the process is not dumpable. */
  undumped: number;
  /** Crashes that came without an event. */
  missed: number;
  gaps: number;
}
