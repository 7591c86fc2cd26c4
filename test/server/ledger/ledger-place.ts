import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { readCoreSysctls, writeCoreSysctls } from '../../../linux/core-pattern.ts';
import { corePatternFor } from '../../../protocol/core-pattern.ts';
import type { HistoryEntry } from '../../../report/history.ts';
import { readHistory } from '../../../report/read-history.ts';
import { CrashNotes } from '../../../server/crash-notes.ts';
import { HistoryWriter } from '../../../server/history-writer.ts';
import { CorePatternWatch } from '../../../server/ledger/core-pattern-watch.ts';
import { JOURNAL_FILE, LedgerJournal } from '../../../server/ledger/journal.ts';
import { Ledger } from '../../../server/ledger/ledger.ts';
import type { LedgerOptions } from '../../../server/ledger/ledger-parts.ts';
import { serverLog } from '../../../server/log.ts';
import { LogDirectory } from '../../../server/log-directory.ts';
import { PendingStore } from '../../../server/pending-store.ts';
import { toldCrashes } from '../../../server/told-crashes.ts';
import { takeCorePattern } from '../../core-pattern.ts';
import { type TestDirectories, testDirectories } from '../test-server.ts';

/** A ledger on the real kernel, without a server: what core_pattern names is the test's own. */
export interface LedgerPlace {
  ledger: Ledger;
  directories: TestDirectories;
  /** What it has written down for the next one. */
  journal: string;
  /** Makes core_pattern name this shell script, as if it were our client. */
  handler(script: string, pipeLimit?: number): void;
  /**
   * Starts another ledger, with what this one has written down so far: as if its server had just been killed.
   *
   * @param pid That server's.
   */
  next(options?: LedgerOptions, pid?: number): Ledger;
  history(): Promise<HistoryEntry[]>;
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
}

export async function ledgerPlace(t: TestContext, options: LedgerOptions = {}): Promise<LedgerPlace> {
  await takeCorePattern(t);
  const directories = testDirectories(t);
  mkdirSync(directories.runDir);
  const log = serverLog({ level: 'error', isJournal: false });
  log.silent = true;
  const store = new PendingStore(directories.logDir);
  const directory = new LogDirectory(directories.logDir, { log, opened: async () => undefined });
  t.after(() => directory.close());
  const notes = new CrashNotes(
    new HistoryWriter(directories.logDir, {
      ownership: { group: null, mode: 0o600 },
      directory,
    }),
    {
      log,
      noted: (event) => ledger.noted(event),
      written: (event) => ledger.written(event),
    },
  );
  const changed = () => undefined;
  const corePattern = new CorePatternWatch(directories.runDir, { takesBack: false, log, changed });
  const told = (pids: ReadonlySet<number>, sinceUs: number) => toldCrashes(directories.logDir, pids, sinceUs);
  const ledgerIn = (runDir: string, own: LedgerOptions): Ledger => {
    const journal = new LedgerJournal(runDir, log);
    const parts = { notes, kept: () => store.list(), told, journal, corePattern, log, changed };
    const made = new Ledger(parts, own);
    t.after(() => made.stop());
    return made;
  };
  let ledger: Ledger = ledgerIn(directories.runDir, options);
  ledger.start(null);
  const place: LedgerPlace = {
    ledger,
    directories,
    journal: join(directories.runDir, JOURNAL_FILE),
    next(own = options, pid) {
      const runDir = `${directories.runDir}-next`;
      mkdirSync(runDir);
      copyFileSync(join(directories.runDir, JOURNAL_FILE), join(runDir, JOURNAL_FILE));
      ledger = ledgerIn(runDir, own);
      ledger.start({ pid: pid ?? null, aliveMs: Date.now() });
      return ledger;
    },
    handler(script, pipeLimit = 16) {
      const program = join(directories.runDir, 'h');
      writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      writeCoreSysctls({
        corePattern: corePatternFor(program, directories.runDir),
        corePipeLimit: pipeLimit,
      });
      corePattern.look();
    },
    async history() {
      const entries: HistoryEntry[] = [];
      for await (const entry of readHistory(directories.logDir)) entries.push(entry);
      return entries;
    },
    async until(what, condition) {
      const deadline = Date.now() + 30_000;
      while (!(await condition())) {
        if (Date.now() > deadline) {
          const seen = JSON.stringify([ledger.state, await place.history(), readCoreSysctls()], null, 1);
          throw new Error(`never: ${what}\n${seen}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
  await place.until('the ledger is on', () => ledger.state.state === 'on');
  return place;
}

/** Runs a shell that dies of a fault. @returns Its pid, once it has ended. */
export function crash(before = ''): Promise<number> {
  const child = spawn('/bin/sh', ['-c', `${before}\nkill -SEGV $$`], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve(child.pid ?? 0));
  });
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');
}

/** Has a shell die whose client is killed before it brings anything. @returns The shell's pid. */
export async function crashWithKilledClient(place: LedgerPlace): Promise<number> {
  const pidFile = join(place.directories.stateDir, '..', 'client');
  place.handler(`echo $$ > ${pidFile}; exec sleep 60`);
  const crashed = crash();
  await place.until('a client', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  return crashed;
}
