import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../machine/collecting.ts';
import { compile } from '../machine/programs.ts';
import { cellsOf } from './cells-of.ts';
import { type Collected, collected, onTerminal } from './collected.ts';

/** A name that would paint the terminal, and one that a CSV reader would take for two. */
const HOSTILE = 'evil\x1b[31m\tname';

let crashes: Collected;

before(async () => {
  crashes = await collected(async (collecting) => {
    const { stateDir } = collecting.directories;
    const nested = compile('nested', join(stateDir, 'nested'));
    const hostile = join(stateDir, HOSTILE);
    copyFileSync(nested, hostile);
    for (const program of [nested, nested, compile('assertion', join(stateDir, 'assertion')), hostile]) {
      await collecting.published((await run(program)).pid);
    }
  });
});
after(() => crashes.remove());

const list = (...args: string[]) => crashes.crashlogctl(['list', ...args]);
const names = (...args: string[]) => {
  const { stdout, stderr, status } = list('--json', ...args);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout).reports.map(({ name }: { name: string }) => name);
};

test('crashlogctl list tells of every report what died, where, and how often, to a pipe in whole', () => {
  const { stdout, stderr, status } = list();
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const rows = cellsOf(stdout);
  assert.deepEqual(
    rows.map(([nn, , signal]) => [nn, signal]),
    [
      ['03', 'SIGSEGV'],
      ['02', 'SIGABRT'],
      ['01', 'SIGSEGV'],
      ['00', 'SIGSEGV'],
    ],
  );
  const [, time, , program, pid, user, , where, repeats, bytes] = rows[2] ?? [];
  assert.match(time ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(program, join(crashes.directories.stateDir, 'nested'));
  assert.match(pid ?? '', /^\d+$/);
  assert.equal(user, 'root');
  assert.equal(where, 'read_through (nested.c:3)');
  assert.equal(repeats, '2', 'the same program by another name is the same crash');
  assert.ok(Number(bytes) > 10_000);
  assert.match(rows[1]?.[7] ?? '', /^check \(assertion\.c:2\)$/);
});

test('crashlogctl list: no name of a program steers the terminal or makes another column', () => {
  const { stdout } = list('--program', HOSTILE);
  assert.equal(stdout.split('\n')[0]?.split('\t').length, 10);
  assert.ok(stdout.includes('evil\\x1b[31m\\tname'), stdout);
  assert.ok(!onTerminal(crashes.directories, ['list'], { env: { NO_COLOR: '1' } }).includes('\x1b'));
});

test('crashlogctl list filters by program, signal, user, unit, signature and time', () => {
  assert.deepEqual(names('--program', 'assertion'), ['usercrash_02']);
  assert.deepEqual(names('--program', 'nest*'), ['usercrash_01', 'usercrash_00']);
  assert.deepEqual(names('--program', join(crashes.directories.stateDir, 'assertion')), ['usercrash_02']);
  for (const signal of ['SIGABRT', 'abrt', '6'])
    assert.deepEqual(names('--signal', signal), ['usercrash_02']);
  assert.equal(names('--user', 'root').length, 4);
  assert.equal(names('--user', '0').length, 4);
  assert.deepEqual(names('--user', 'daemon'), []);
  assert.deepEqual(names('--unit', 'no-such-unit'), []);
  assert.equal(names('--signature', 'read_through | descend').length, 3);
  const { signature } = JSON.parse(list('--json', '--program', 'assertion').stdout).reports[0];
  assert.deepEqual(names('--signature', signature.hash.slice(0, 6)), ['usercrash_02']);
  assert.equal(names('--since', '-10min').length, 4);
  assert.deepEqual(names('--until', '-10min'), []);
  assert.equal(names('--since', 'yesterday', '--until', 'tomorrow').length, 4);
});

test('crashlogctl list sorts by what it is told', () => {
  assert.deepEqual(names('--sort', 'slot'), ['usercrash_00', 'usercrash_01', 'usercrash_02', 'usercrash_03']);
  assert.equal(names('--sort', 'program')[0], 'usercrash_02');
  assert.equal(names('--sort', 'signal')[0], 'usercrash_02');
  assert.equal(names('--sort', 'repeats').at(-1), 'usercrash_02');
});

test('crashlogctl list: words that are no time, and no column, are wrong usage', () => {
  const { stderr, status } = list('--since', 'soon');
  assert.match(stderr, /'--since <time>' argument 'soon' is invalid\. It is '2026-11-30 02:00'/);
  assert.equal(status, 2);
  assert.equal(list('--sort', 'colour').status, 2);
});

test('crashlogctl list fits a terminal of any width, and cuts nothing for a pipe', () => {
  for (const columns of [60, 80, 100, 140, 200]) {
    const shown = onTerminal(crashes.directories, ['list'], { columns });
    const lines = shown.replace(/\x1b\[[0-9;]*m/g, '').split('\n');
    assert.match(lines[0] ?? '', /^NN {2}TIME +SIGNAL +PROGRAM/);
    assert.deepEqual(
      lines.filter((line) => line.length > columns),
      [],
      `${columns} columns`,
    );
    assert.ok(
      lines.some((line) => line.includes('SIGABRT')),
      shown,
    );
  }
  assert.match(onTerminal(crashes.directories, ['list']), /\x1b\[31mSIGABRT/);
});

test('crashlogctl list shows what it knows of damaged reports, and says what is wrong', (t) => {
  const logDir = mkdtempSync('/var/tmp/uc-list-');
  t.after(() => rmSync(logDir, { recursive: true }));
  const damaged = { ...crashes.directories, logDir };
  for (const name of ['history', 'usercrash_00', 'usercrash_01', 'usercrash_02']) {
    copyFileSync(join(crashes.directories.logDir, name), join(logDir, name));
  }
  for (const name of ['usercrash_00.json', 'usercrash_01.json']) {
    copyFileSync(join(crashes.directories.logDir, name), join(logDir, name));
  }
  truncateSync(join(logDir, 'usercrash_00.json'), 700);
  writeFileSync(join(logDir, 'usercrash_05'), 'not a report');
  writeFileSync(join(logDir, 'usercrash_06.json'), '{}');
  const { stdout, stderr, status } = crashes.crashlogctl(['list', '--sort', 'slot'], {
    env: { USERCRASH_LOG_DIR: logDir },
  });
  assert.equal(status, 0);
  const rows = cellsOf(stdout);
  assert.deepEqual(
    rows.map((row) => row[0]),
    ['00', '01', '02', '05'],
  );
  // What the history knows of it.
  assert.equal(rows[0]?.[2], 'SIGSEGV');
  assert.equal(rows[0]?.[3], join(damaged.stateDir, 'nested'));
  assert.match(stderr, /^crashlogctl: usercrash_00: its JSON cannot be read: Not JSON/m);
  assert.match(stderr, /^crashlogctl: usercrash_02: its JSON is not there/m);
  assert.match(stderr, /^crashlogctl: usercrash_06\.json: the text of its report is not there/m);
});

test('crashlogctl list: who may not read the reports gets one line with what to do', () => {
  chmodSync(join(crashes.directories.logDir, '..'), 0o755);
  const { stdout, stderr, status } = crashes.crashlogctl(['list'], { uid: 65_534 });
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^crashlogctl: The reports in \S+ \(4\) may not be read by this user\. Try: sudo crashlogctl list; .*\n$/,
  );
  assert.equal(status, 1);
});

test('crashlogctl list: nothing is found where there is nothing', (t) => {
  const logDir = mkdtempSync('/var/tmp/uc-list-');
  t.after(() => rmSync(logDir, { recursive: true }));
  for (const place of [logDir, '/nonexistent/usercrashes']) {
    const { stdout, stderr, status } = crashes.crashlogctl(['list'], { env: { USERCRASH_LOG_DIR: place } });
    assert.deepEqual([stdout, stderr, status], ['', '', 0]);
  }
  mkdirSync(join(logDir, 'usercrash_00'));
  assert.equal(crashes.crashlogctl(['list'], { env: { USERCRASH_LOG_DIR: logDir } }).stdout, '');
});
