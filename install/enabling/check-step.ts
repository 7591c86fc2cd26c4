import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import type { HistoryEntry } from '../../report/history.ts';
import { readHistory } from '../../report/read-history.ts';
import type { Step } from './step.ts';

/** A report takes half a second; a machine that boots, or is emulated, a minute. */
const LIMIT_MS = 120_000;
const PERIOD_MS = 200;
/** How long a word that it is not collected may be taken back: the server's patience is over before a slow machine's client comes. */
const AFTER_ALL_MS = 45_000;

/** The step that crashes a program of its own, and waits until its crash has been reported or counted. */
export function checkStep(
  logDir: string,
  { interrupted, found }: { interrupted: AbortSignal; found: (entry: HistoryEntry) => void },
): Step {
  return {
    name: 'check: crash a shell, and find its report',
    isDone: () => false,
    async do() {
      const startedUs = (Date.now() - 1000) * 1000;
      const pid = await crash();
      let last: HistoryEntry | null = null;
      let endMs = performance.now() + LIMIT_MS;
      while (performance.now() < endMs) {
        interrupted.throwIfAborted();
        last = await wordOf(pid, startedUs, logDir);
        if (last !== null && isFound(last)) return found(last);
        if (last?.collected === 'not collected') endMs = Math.min(endMs, performance.now() + AFTER_ALL_MS);
        await sleep(PERIOD_MS);
      }
      const what =
        last === null ? 'nothing came of it' : `it is ${last.collected}: ${last.reason ?? 'no reason'}`;
      throw new UsercrashError('E_CHECK', `A crash of process ${pid} was made for a check, and ${what}`, {
        fix: 'journalctl -u usercrash.service -u usercrash-client.service; dmesg | grep usercrash',
      });
    },
    isUndone: () => true,
    undo: () => undefined,
  };
}

/** The last word of the history about a process, and before all others that its crash was found. */
async function wordOf(pid: number, sinceUs: number, logDir: string): Promise<HistoryEntry | null> {
  let last: HistoryEntry | null = null;
  for await (const entry of readHistory(logDir)) {
    if (entry.pid !== pid || entry.at.us <= sinceUs) continue;
    if (isFound(entry)) return entry;
    last = entry;
  }
  return last;
}

/** A repeat was counted, and so was what is excluded: shells may be. */
function isFound({ collected, reason }: HistoryEntry): boolean {
  return collected === 'full' || collected === 'repeat' || reason?.startsWith('excluded by ') === true;
}

/** @returns The process's id, once it has ended. */
function crash(): Promise<number> {
  const shell = spawn('/bin/sh', ['-c', 'kill -SEGV $$'], { stdio: 'ignore', cwd: '/' });
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', () => resolve(shell.pid ?? 0));
  });
}
