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
import { Journal, type JournalEntry, type WalkOptions } from '../src/index.ts';

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
    /** Each way of reading says how many fields it has handed out, so that nobody is fast by leaving some out. */
    const walk = (options: WalkOptions, use: (entry: JournalEntry) => number) => () => {
      journal.seekHead();
      let fields = 0;
      for (const entry of journal.entries(options)) fields += use(entry);
      return fields;
    };
    const copyOnly = () => 0;
    const readFew = (entry: JournalEntry) => FEW.filter((field) => entry.text(field) !== undefined).length;
    const readAll = (entry: JournalEntry) => {
      let fields = 0;
      for (const [name, value] of entry.fields()) if (name !== '' && value.length >= 0) fields += 1;
      return fields;
    };
    const step = () => {
      journal.seekHead();
      while (journal.next());
      return 0;
    };
    const journalctl = (output: string) => () => {
      const args = [`--directory=${journald.directory}`, '-o', output, '--no-pager'];
      execFileSync('journalctl', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      return ENTRIES * fields;
    };
    journal.next();
    const fields = [...journal.entry().fields()].length;
    const measured = (
      [
        ['`next()` alone', step],
        ['three fields, as text', walk({ fields: FEW }, readFew)],
        ['all fields copied, none looked at', walk({}, copyOnly)],
        ['all fields copied, three as text, cursor', walk({ cursor: true }, readFew)],
        ['**all fields, every name and value**', walk({}, readAll)],
        ['`journalctl -o export`', journalctl('export')],
        ['`journalctl -o json`', journalctl('json')],
      ] as const
    ).map(([name, read]) => ({ name, ...bestOf(read) }));
    const reference = measured.find(({ name }) => name === '`journalctl -o export`')?.ms ?? Number.NaN;
    const rows = measured.map(({ name, ms, fields: handedOut }) => {
      const perSecond = (count: number) => Math.round((count / ms) * 1000).toLocaleString('en');
      const us = ((ms * 1000) / ENTRIES).toFixed(2);
      const cells = [name, us, perSecond(ENTRIES), perSecond(handedOut), (reference / ms).toFixed(2)];
      return `| ${cells.join(' | ')} |\n`;
    });
    return `${ENTRIES} entries of ${fields} fields, best of ${ROUNDS} rounds; the goal is ${GOAL_PER_SECOND} entries a second with
all fields read.

| way of reading | µs an entry | entries a second | fields a second | × journalctl -o export |
| --- | --- | --- | --- | --- |
${rows.join('')}`;
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Time of the best round, and the fields that it has handed out. */
function bestOf(read: () => number): { ms: number; fields: number } {
  let best = { ms: Number.POSITIVE_INFINITY, fields: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const fields = read();
    const ms = performance.now() - start;
    if (ms < best.ms) best = { ms, fields };
  }
  return best;
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
