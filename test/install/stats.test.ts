import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { formatHistoryLine } from '../../report/format-history-line.ts';
import { instantOf } from '../../report/instant.ts';
import { type TestDirectories, testDirectories } from '../server/test-server.ts';
import { cellsOf } from './cells-of.ts';
import { crashlogctl, environmentOf, onTerminal } from './collected.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/crashlogctl');

function line(program: string, { minutes = 1, crashId = '' } = {}): string {
  return `${formatHistoryLine({
    at: instantOf((Date.now() - minutes * 60_000) * 1000, 0),
    ...{ boot: null, host: null, pid: 1, uid: 0, program, unit: null, signal: 'SIGSEGV', quickKey: null },
    ...{
      signature: {
        text: `SIGSEGV | in_${program.slice(-3)} | main`,
        hash: '0'.repeat(13) + program.slice(-3),
      },
    },
    ...{ crashId: crashId || `${program}-${minutes}`, slot: null, repeatOf: null, collected: 'full' },
    ...{ reason: null, durations: null },
  })}\n`;
}

function history(t: TestContext): TestDirectories {
  const directories = testDirectories(t);
  const lines = [
    line('/usr/bin/app'),
    line('/usr/bin/app', { minutes: 90 }),
    line('/opt/x\x1b[31m/bin/own', { minutes: 2000 }),
  ];
  writeFileSync(join(directories.logDir, 'history'), `${lines.join('')}{"at":torn\n`);
  return directories;
}

test('crashlogctl stats gives a pipe one line a kind', (t) => {
  const { stdout, stderr, status } = crashlogctl(history(t), ['stats']);
  assert.equal(status, 0);
  const rows = cellsOf(stdout);
  assert.deepEqual(
    rows.map((row) => row.slice(0, 8)),
    [
      ['/usr/bin/app', 'SIGSEGV | in_app | main', '0000000000000app', '1', '2', '2', '2', 'SIGSEGV'],
      [
        '/opt/x\\x1b[31m/bin/own',
        'SIGSEGV | in_own | main',
        '0000000000000own',
        '0',
        '0',
        '1',
        '1',
        'SIGSEGV',
      ],
    ],
  );
  assert.match(rows[0]?.[8] ?? '', /^\d{4}-\d\d-\d\dT/);
  assert.equal(stderr, 'crashlogctl: 1 damaged lines of the history were passed over\n');
});

test('crashlogctl stats draws a table and bars that fit the terminal', (t) => {
  const directories = history(t);
  for (const columns of [70, 80, 120]) {
    const shown = onTerminal(directories, ['stats'], { columns, env: { NO_COLOR: '1' } });
    const lines = shown.split('\n').filter((text) => !text.startsWith('crashlogctl:'));
    assert.deepEqual(
      lines.filter((text) => text.length > columns),
      [],
    );
    assert.match(lines[0] ?? '', /^PROGRAM, SIGNATURE +HOUR +DAY +WEEK +ALL/);
    assert.match(lines[1] ?? '', /^app +1 +2 +2 +2.*█+$/);
    assert.match(lines[2] ?? '', /^ {2}in_app/);
    assert.match(shown, /^Last 24 hours {2}[·▁-█]{24} {2}2 crashes$/m);
  }
});

test('crashlogctl stats --json tells all of it', (t) => {
  const { programs, hours } = JSON.parse(crashlogctl(history(t), ['stats', '--json']).stdout);
  assert.equal(programs[0].program, '/usr/bin/app');
  assert.equal(programs[0].kinds[0].lastDay, 2);
  assert.equal(hours.length, 24);
});

test('crashlogctl stats --watch draws anew, counts what has come, and ends by Ctrl-C with 130', async (t) => {
  const directories = history(t);
  const child = spawn('script', ['-qefc', `exec '${PROGRAM}' stats --watch 0.1`, '/dev/null'], {
    env: { ...process.env, ...environmentOf(directories), TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let hasMore = false;
  for await (const text of createInterface({ input: child.stdout })) {
    if (!hasMore && /app +1 +2 +2 +2/.test(text)) {
      hasMore = true;
      appendFileSync(join(directories.logDir, 'history'), line('/usr/bin/app', { minutes: 2 }));
    }
    // As the terminal does it for a key.
    if (hasMore && /app +2 +3 +3 +3/.test(text)) child.stdin.write('\x03');
  }
  assert.equal(await ended, 130);
  assert.ok(hasMore);
});

test('crashlogctl stats --watch is for a terminal', (t) => {
  const directories = history(t);
  assert.equal(crashlogctl(directories, ['stats', '--watch']).status, 2);
  assert.equal(crashlogctl(directories, ['stats', '--watch', '0']).status, 2);
});

test('crashlogctl stats: who may not read the history gets one line with what to do', (t) => {
  const directories = history(t);
  chmodSync(join(directories.logDir, '..'), 0o755);
  chmodSync(join(directories.logDir, 'history'), 0o640);
  const { stderr, status } = crashlogctl(directories, ['stats'], { uid: 65_534 });
  assert.match(
    stderr,
    /^crashlogctl: The history in \S+ may not be read by this user\. Try: sudo crashlogctl stats; .*\n$/,
  );
  assert.equal(status, 1);
});
