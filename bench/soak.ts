import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEntry } from '../report/history.ts';
import { historyCounts } from '../report/history-counts.ts';
import { readHistory } from '../report/read-history.ts';
import { takeCorePattern } from '../test/core-pattern.ts';
import { run } from '../test/machine/collecting.ts';
import { compileLoop, compileSingles, crashLoops } from '../test/machine/storm-programs.ts';
import { startCollector, table } from './collector.ts';
import { processes, proportionalKib } from './proportional-size.ts';

/**
 * Long storms, for which CI has no time: `sudo npm run soak [-- CRASHES]`. In each mode 10,000 crashes of one program from
 * eight processes at once, and in the middle of them fifty other programs that crash once. Prints what came of them and what
 * memory it took, and keeps the result.
 */
const CRASHES = Number(process.argv[2] ?? 10_000);
const PROCESSES = 8;
const OTHERS = 50;
/** Growth is measured from here on: by then everything has been loaded. */
const WARM_UP = Math.min(1000, CRASHES / 10);
const SAMPLE_MS = 200;
/** By then what only the start needed is given back. */
const IDLE_AFTER_MS = 5_000;
/** For what waits at the end: sixty reports a minute. */
const DRAINED_MS = 300_000;

interface Sample {
  server: number;
  resident: number;
  /** Clients that were started for one crash: handed over, or deferred. */
  clients: number;
}

async function soak(mode: 'pipe' | 'socket'): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-soak-'));
  const loop = compileLoop(directory);
  const others = compileSingles(directory, OTHERS);
  const collector = await startCollector(['--mode', mode]);
  const samples: Sample[] = [];
  let seen = 0;
  const sample = (): Sample => {
    const now = { server: 0, resident: 0, clients: 0 };
    for (const [pid, role] of processes(collector)) {
      now[role === 'client' ? 'clients' : role] += proportionalKib(pid);
    }
    return now;
  };
  try {
    await sleep(IDLE_AFTER_MS);
    const idle = sample();
    const timer = setInterval(() => samples.push(sample()), SAMPLE_MS);
    const begun = performance.now();
    await crashLoops(loop, PROCESSES, WARM_UP);
    seen = samples.length;
    const half = (CRASHES - WARM_UP) / 2;
    await crashLoops(loop, PROCESSES, half);
    await Promise.all([
      crashLoops(loop, PROCESSES, CRASHES - WARM_UP - half),
      ...others.map((program) => run(program)),
    ]);
    const seconds = (performance.now() - begun) / 1000;
    const entries = await drained(collector.logDir, CRASHES + OTHERS);
    clearInterval(timer);
    const after = sample();
    const counts = await historyCounts(entries);
    const of = (program: string) => entries.filter((entry) => entry.program === program);
    const most = (of: (sample: Sample) => number, list = samples) => Math.max(0, ...list.map(of)) / 1024;
    const warm = samples.slice(seen);
    const growth = most(({ server }) => server, warm) - (samples[seen]?.server ?? 0) / 1024;
    const mib = (value: number) => value.toFixed(1);
    return [
      mode,
      String(entries.length),
      String(of(loop).length),
      String(of(loop).filter(({ slot }) => slot !== null).length),
      String(others.filter((program) => of(program).some(({ slot }) => slot !== null)).length),
      String(entries.filter(({ collected }) => collected === 'not collected').length),
      String(counts.size),
      mib((CRASHES + OTHERS) / seconds),
      mib((idle.server + idle.resident) / 1024),
      mib((idle.server + idle.resident + idle.clients) / 1024),
      mib(most(({ server }) => server)),
      mib(growth),
      mib(most(({ resident }) => resident)),
      mib(most(({ server, resident }) => server + resident)),
      mib(most(({ clients }) => clients)),
      mib((after.server + after.resident) / 1024),
    ];
  } finally {
    if (process.env['SOAK_KEEP'] !== undefined) {
      execFileSync('cp', ['-a', collector.logDir, `${process.env['SOAK_KEEP']}-${mode}`]);
      writeFileSync(`${process.env['SOAK_KEEP']}-${mode}.samples`, JSON.stringify(samples));
    }
    await collector.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Waits until the history has so many crashes and nothing waits. @returns Its entries. */
async function drained(logDir: string, crashes: number): Promise<HistoryEntry[]> {
  const deadline = performance.now() + DRAINED_MS;
  for (;;) {
    const entries: HistoryEntry[] = [];
    for await (const entry of readHistory(logDir)) entries.push(entry);
    const waiting = readdirSync(join(logDir, '.pending')).filter((name) => !name.startsWith('.'));
    if ((entries.length >= crashes && waiting.length === 0) || performance.now() > deadline) return entries;
    await sleep(1000);
  }
}

const restore: (() => void)[] = [];
await takeCorePattern({ after: (fn) => restore.push(fn) });
const rows: string[][] = [];
try {
  const modes = readFileSync('/proc/sys/kernel/core_modes', 'latin1').includes('socket')
    ? (['pipe', 'socket'] as const)
    : (['pipe'] as const);
  for (const mode of modes) rows.push(await soak(mode));
} finally {
  for (const act of restore) act();
}
const names = [
  'mode',
  'crashes in the history',
  'of the loop',
  'its reports',
  `reports of ${OTHERS} others`,
  'not collected',
  'quick keys',
  'crashes a second',
  'MiB idle, server and resident client',
  'with the process that waits for a crash',
  'server at most',
  `its growth after ${WARM_UP}`,
  'resident client at most',
  'both at once at most',
  'other clients at most',
  'both at the end',
];
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const head = `# Soak

Commit ${commit}, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}.
${CRASHES} crashes of one program from ${PROCESSES} processes at once and ${OTHERS} of other programs in their second half, with the
default limits. Memory is the proportional set size in MiB, sampled every ${SAMPLE_MS} ms; gdb is not counted.

`;
const text =
  head +
  table(
    ['', ...rows.map(([mode = '']) => mode)],
    names.slice(1).map((name, at) => [name, ...rows.map((row) => row[at + 1] ?? '')]),
  );
console.log(text);
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
writeFileSync(join(results, 'soak.md'), text);
