import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { isCrash } from '../report/history.ts';
import { readHistory } from '../report/read-history.ts';
import { pipeLimit } from '../server/pipe-limit.ts';
import { type BenchCollector, startCollector, table } from './collector.ts';
import { REFERENCE } from './modes.ts';
import { processes, proportionalKib } from './proportional-size.ts';
import { type Storm, startStorm } from './start-storm.ts';

/** What a busy machine may do, and what it may not be brought to its knees by. */
const STORMS = [
  { name: '800 a second for 10 s', args: ['rate', '800', '10'], crashes: 8000 },
  { name: '1,000 at once', args: ['burst', '1000'], crashes: 1000 },
];
/** Neither looking for processes nor reading the history is to be part of what is measured. */
const SAMPLE_MS = 500;
const LOOK_MS = 2_000;
/** A storm that is not over by then never ends. */
const SETTLED_MS = 300_000;

/**
 * Many crashes in a short time: how many the kernel dumped, how long it took until the last process was gone, and what came of
 * them, next to the same with no dump and with the least that a dump can be. @returns A Markdown table.
 */
export async function measureStorm(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-storm-'));
  const program = join(directory, 'storm');
  execFileSync('gcc', ['-g', '-O1', '-o', program, join(import.meta.dirname, 'storm.c')]);
  const saved = readCoreSysctls();
  const rows: string[][] = [];
  try {
    for (const storm of STORMS) {
      const references = [
        { name: 'no dump (`ulimit -c 0`)', pattern: 'core', noDump: true },
        { name: REFERENCE, pattern: '|/bin/true', noDump: false },
      ];
      for (const { name, pattern, noDump } of references) {
        writeCoreSysctls({ corePattern: pattern, corePipeLimit: pipeLimit('core') });
        rows.push([
          storm.name,
          name,
          ...cells(await startStorm(program, storm.args, noDump)),
          '',
          '',
          '',
          '',
        ]);
      }
      for (const mode of ['socket', 'pipe']) {
        writeCoreSysctls(saved);
        rows.push([storm.name, `usercrash, ${mode}`, ...(await collected(program, storm, mode))]);
      }
    }
  } finally {
    writeCoreSysctls(saved);
    rmSync(directory, { recursive: true, force: true });
  }
  const head = [
    'storm',
    'core_pattern',
    'crashed',
    'dumped',
    's to the last fork',
    's to the last end',
    'unreaped at most',
  ];
  const ours = ['in the history', 'not collected', 's until all were', 'MiB at most'];
  return table([...head, ...ours], rows);
}

async function collected(
  program: string,
  { args, crashes }: { args: readonly string[]; crashes: number },
  mode: string,
): Promise<string[]> {
  const collector = await startCollector(['--mode', mode]);
  let mostKib = 0;
  const timer = setInterval(() => {
    let kib = 0;
    for (const [pid, role] of processes(collector)) if (role !== 'client') kib += proportionalKib(pid);
    mostKib = Math.max(mostKib, kib);
  }, SAMPLE_MS);
  try {
    await sleep(1000);
    const begun = performance.now();
    const storm = await startStorm(program, args);
    const { all, lost } = await settled(collector, crashes);
    const seconds = (performance.now() - begun) / 1000;
    return [...cells(storm), `${all}`, `${lost}`, seconds.toFixed(1), (mostKib / 1024).toFixed(1)];
  } finally {
    clearInterval(timer);
    await collector.stop();
  }
}

function cells({ crashed, dumped, forkedS, endedS, unreaped }: Storm): string[] {
  return [`${crashed}`, `${dumped}`, forkedS.toFixed(2), endedS.toFixed(2), `${unreaped}`];
}

/** Waits until the history has so many crashes, and nothing waits any more. */
async function settled({ logDir }: BenchCollector, crashes: number): Promise<{ all: number; lost: number }> {
  const deadline = performance.now() + SETTLED_MS;
  for (;;) {
    let all = 0;
    let lost = 0;
    for await (const entry of readHistory(logDir)) {
      if (!isCrash(entry)) continue;
      all += 1;
      if (entry.collected === 'not collected') lost += 1;
    }
    const isWaiting = readdirSync(join(logDir, '.pending')).some((name) => !name.startsWith('.'));
    if ((all >= crashes && !isWaiting) || performance.now() > deadline) return { all, lost };
    await sleep(LOOK_MS);
  }
}
