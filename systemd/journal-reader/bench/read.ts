/**
 * How fast a journal is read: load time in a fresh process, then entries a second for each way of reading, next to
 * `journalctl` on the same files. Usage: `node bench/read.ts [entries]`, as root.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { Journal, type WalkOptions } from 'systemd-journal-reader';
import { startPrivateJournald, writeEntry } from '../../../test/journald.ts';

const count = Number(process.argv[2] ?? 50_000);
const FEW = ['MESSAGE', 'PRIORITY', 'SYSLOG_IDENTIFIER'];
const ROUNDS = 5;

const stops: (() => void | Promise<void>)[] = [];
const journald = await startPrivateJournald({ after: (stop) => stops.push(stop) });
try {
  for (let number = 0; number < count; number++) {
    const SYSLOG_IDENTIFIER = `program${number % 10}`;
    writeEntry(journald, { MESSAGE: `line ${number} of ordinary text`, PRIORITY: '6', SYSLOG_IDENTIFIER });
  }
  await journald.sync();
  const journal = Journal.open({ directory: journald.directory });
  measure('next() only', () => {
    let entries = 0;
    while (journal.next()) entries += 1;
    return entries;
  });
  const walk = (options: WalkOptions, use: 'read' | 'keep') => () => {
    let entries = 0;
    for (const entry of journal.entries(options)) {
      if (use === 'read') for (const field of FEW) entry.text(field);
      entries += 1;
    }
    return entries;
  };
  measure('3 fields, as text', walk({ fields: FEW }, 'read'));
  measure('all fields', walk({}, 'keep'));
  measure('all fields and cursor', walk({ cursor: true }, 'keep'));
  measure('journalctl -o json', () => journalctl('json'));
  measure('journalctl -o cat', () => journalctl('cat'));
  journal.close();

  function measure(name: string, read: () => number): void {
    let best = Number.POSITIVE_INFINITY;
    let entries = 0;
    for (let round = 0; round < ROUNDS; round++) {
      journal.seekHead();
      const start = performance.now();
      entries = read();
      best = Math.min(best, performance.now() - start);
    }
    const rate = Math.round((entries / best) * 1000).toLocaleString('en');
    console.log(
      `${name.padEnd(24)} ${((best / entries) * 1000).toFixed(2).padStart(7)} µs/entry ${rate.padStart(11)} /s`,
    );
  }

  function journalctl(output: string): number {
    const args = [`--directory=${journald.directory}`, '-o', output, '--no-pager'];
    return execFileSync('journalctl', args, { maxBuffer: 2 ** 30 })
      .toString('latin1')
      .split('\n').length;
  }
} finally {
  for (const stop of stops) await stop();
}

const built = new URL('../dist/index.js', import.meta.url);
const script = `const start = performance.now();
await import('koffi');
const koffi = performance.now();
const { Journal } = await import(${JSON.stringify(pathToFileURL(built.pathname).href)});
Journal.open().close();
console.log(koffi - start, performance.now() - koffi);`;
let best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let round = 0; round < 10; round++) {
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
  });
  const [koffi = 0, rest = 0] = output.toString().split(' ').map(Number);
  best = [Math.min(best[0] ?? 0, koffi), Math.min(best[1] ?? 0, rest)];
}
console.log(
  `load: koffi ${best[0]?.toFixed(1)} ms, then this package, libsystemd and open() ${best[1]?.toFixed(1)} ms`,
);
