import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readRecord } from '../report/read-record.ts';
import { median, table } from './collector.ts';

const RUNS = 9;
const THREADS = [10, 100];
const PROGRAM = join(import.meta.dirname, '../dist/debugger');
/** How long nobody looks, to see what the machine itself does to a thread that is never asked to wait. */
const QUIET_MS = 500;

/**
 * For how long a live process is stopped: as a thread of it sees it, next to a gdb that attaches and prints the
 * backtraces of all threads. @returns A Markdown table.
 */
export async function measureDebugger(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-paused-'));
  const program = join(directory, 'paused');
  execFileSync('gcc', ['-O2', '-pthread', '-o', program, join(import.meta.dirname, 'paused.c')]);
  const rows: string[][] = [];
  try {
    for (const threads of THREADS) rows.push(await measureThreads(program, threads));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const head = [
    'threads',
    'debugger, ms',
    'as it says itself',
    'gdb attach, ms',
    '× gdb',
    'of the machine alone',
    'calls disturbed',
    'by gdb',
  ];
  return `Longest pause of a thread that never waits, median of ${RUNS}; the others wait in epoll_wait.\n\n${table(head, rows)}`;
}

async function measureThreads(program: string, threads: number): Promise<string[]> {
  const child = spawn(program, [String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async () => {
    child.stdin.write('\n');
    const { value } = await lines.next();
    const [us = 0, returned = 0] = String(value).split(' ').map(Number);
    return { ms: us / 1000, returned };
  };
  try {
    await lines.next();
    const alone: number[] = [];
    const ours: number[] = [];
    const said: number[] = [];
    const gdbs: number[] = [];
    let disturbed = 0;
    let disturbedByGdb = 0;
    for (let run = 0; run < RUNS; run += 1) {
      await ask();
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      alone.push((await ask()).ms);
      const report = execFileSync(PROGRAM, [String(child.pid), '--json', '--sections', 'threads'], {
        maxBuffer: 1 << 28,
      });
      const seen = await ask();
      ours.push(seen.ms);
      disturbed += seen.returned;
      said.push(readRecord(report).collection.stoppedMs ?? Number.NaN);
      execFileSync('gdb', ['-nx', '-batch', '-p', String(child.pid), '-ex', 'thread apply all bt'], {
        stdio: 'ignore',
      });
      const byGdb = await ask();
      gdbs.push(byGdb.ms);
      disturbedByGdb += byGdb.returned;
    }
    return [
      String(threads),
      median(ours).toFixed(1),
      median(said).toFixed(1),
      median(gdbs).toFixed(0),
      (median(ours) / median(gdbs)).toFixed(3),
      median(alone).toFixed(1),
      String(disturbed),
      String(disturbedByGdb),
    ];
  } finally {
    child.kill('SIGKILL');
  }
}
