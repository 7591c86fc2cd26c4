/**
 * How fast a journal is read, next to `journalctl` on the same files in the same run, and how long a fresh process
 * takes to load the package as it is published. Prints the tables and keeps them in results.md.
 *
 *   npm run bench [-- ENTRIES]      as root
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch, cpus, release } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startPrivateJournald, writeEntry } from '../../../test/journald.ts';
import { Journal, type WalkOptions } from '../src/index.ts';

const ENTRIES = Number(process.argv[2] ?? 100_000);
/** The best of so many: what else the machine does only ever makes it slower. */
const ROUNDS = 5;
const FEW = ['MESSAGE', 'PRIORITY', 'SYSLOG_IDENTIFIER'];
const GOAL_PER_SECOND = 100_000;
const GOAL_LOAD_MS = 10;

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Linux ${release()} ${arch()}, Node ${process.version}`;
const text = `# systemd-journal-reader, measured

Commit ${commit}, ${new Date().toISOString().slice(0, 10)}, ${machine}.

${await measureReading()}
${measureLoading()}`;
writeFileSync(join(import.meta.dirname, 'results.md'), text);
console.log(text);

async function measureReading(): Promise<string> {
  const stops: (() => void | Promise<void>)[] = [];
  const journald = await startPrivateJournald({ after: (stop) => stops.push(stop) });
  try {
    for (let number = 0; number < ENTRIES; number++) {
      const SYSLOG_IDENTIFIER = `program${number % 10}`;
      writeEntry(journald, { MESSAGE: `line ${number} of ordinary text`, PRIORITY: '6', SYSLOG_IDENTIFIER });
    }
    await journald.sync();
    using journal = Journal.open({ directory: journald.directory });
    const walk = (options: WalkOptions, use: 'read' | 'keep') => () => {
      journal.seekHead();
      for (const entry of journal.entries(options))
        if (use === 'read') for (const field of FEW) entry.text(field);
    };
    const step = () => {
      journal.seekHead();
      while (journal.next());
    };
    const journalctl = (output: string) => () => {
      const args = [`--directory=${journald.directory}`, '-o', output, '--no-pager'];
      execFileSync('journalctl', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    };
    journal.next();
    const fields = [...journal.entry().fields()].length;
    const rates = new Map<string, number>();
    for (const [name, read] of [
      ['`next()` alone', step],
      ['three fields, as text', walk({ fields: FEW }, 'read')],
      ['all fields', walk({}, 'keep')],
      ['all fields, three as text, cursor', walk({ cursor: true }, 'read')],
      ['`journalctl -o export`', journalctl('export')],
      ['`journalctl -o json`', journalctl('json')],
    ] as const)
      rates.set(name, rateOf(read));
    const reference = rates.get('`journalctl -o export`') ?? Number.NaN;
    const rows = [...rates].map(([name, rate]) => {
      const perSecond = Math.round(rate).toLocaleString('en');
      return `| ${name} | ${(1e6 / rate).toFixed(2)} | ${perSecond} | ${(rate / reference).toFixed(2)} |\n`;
    });
    return `${ENTRIES} entries of ${fields} fields, best of ${ROUNDS} rounds; the goal is ${GOAL_PER_SECOND} entries a second.

| way of reading | µs an entry | entries a second | × journalctl -o export |
| --- | --- | --- | --- |
${rows.join('')}`;
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Entries a second, of the best round. */
function rateOf(read: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    read();
    best = Math.min(best, performance.now() - start);
  }
  return (ENTRIES / best) * 1000;
}

function measureLoading(): string {
  const ours = pathToFileURL(join(import.meta.dirname, '../dist/index.js')).href;
  const rows = [
    ['this package, libsystemd, opening the journal', `(await import('${ours}')).Journal.open().close()`],
    ['koffi alone, as it loads itself', "await import('koffi')"],
    ['node:fs alone', "await import('node:fs')"],
  ].map(([name, statement]) => {
    const script = `const start = performance.now(); ${statement}; console.log(performance.now() - start);`;
    const times = Array.from({ length: 4 * ROUNDS }, () => {
      const args = ['--input-type=module', '-e', script];
      return Number(execFileSync(process.execPath, args, { cwd: import.meta.dirname }));
    });
    return `| ${name} | ${Math.min(...times).toFixed(1)} |\n`;
  });
  return `In a fresh process, best of ${4 * ROUNDS}; the goal is ${GOAL_LOAD_MS} ms.

| loading | ms |
| --- | --- |
${rows.join('')}`;
}
