import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatHistoryLine } from '../../report/format-history-line.ts';
import { instantOf } from '../../report/instant.ts';
import { readRecord } from '../../report/read-record.ts';
import { renderText } from '../../report/render-text.ts';
import { sampleRecord } from '../report/sample-record.ts';
import { type TestDirectories, testDirectories } from '../server/test-server.ts';
import { crashlogctl, environmentOf, onTerminal } from './collected.ts';
import { publishedSample } from './published-sample.ts';

/** Escape, C1 control, bidi override: what a program may call itself. */
const HOSTILE = 'a\x1b]0;owned\x07\u009b31m\u202eb';
/** All of C0 but the newline, DEL, C1 and the bidi controls. */
const CONTROL = /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u;

/** Two reports as they are published; the newer one is hostile. */
function twoReports(t: TestContext): TestDirectories {
  const directories = testDirectories(t);
  publishedSample(directories.logDir, 0, { ageS: 60 });
  const record = sampleRecord();
  record.process.comm = HOSTILE;
  record.process.environment = [`NAME=${HOSTILE}`];
  for (const entry of record.journal?.entries ?? []) entry.message = HOSTILE;
  publishedSample(directories.logDir, 7, { record });
  return directories;
}

test('crashlogctl show gives a pipe the report as it was published, by every name that it has', (t) => {
  const directories = twoReports(t);
  const text = readFileSync(join(directories.logDir, 'usercrash_07'), 'utf8');
  for (const name of ['7', '07', 'usercrash_07', 'latest']) {
    const { stdout, stderr, status } = crashlogctl(directories, ['show', name]);
    assert.deepEqual([stdout, stderr, status], [text, '', 0], name);
  }
  assert.match(crashlogctl(directories, ['show', '0']).stdout, /^Process {4}app \(/m);
});

test('crashlogctl show: what names no report says what there is to do', (t) => {
  const directories = twoReports(t);
  const { stdout, stderr, status } = crashlogctl(directories, ['show', '8']);
  assert.equal(stdout, '');
  assert.match(stderr, /^crashlogctl: There is no report 8 in \S+\. Try: crashlogctl list\n$/);
  assert.equal(status, 1);
  assert.match(crashlogctl(directories, ['show', '../07']).stderr, /'\.\.\/07' names no report: 7, 07/);
  const empty = testDirectories(t);
  assert.match(
    crashlogctl(empty, ['show', 'latest']).stderr,
    /^crashlogctl: There are no reports in .*\. Try: crashlogctl doctor$/m,
  );
});

test('crashlogctl show --sections shows these, and --json them as a whole record', (t) => {
  const directories = twoReports(t);
  const { stdout } = crashlogctl(directories, ['show', '00', '--sections', 'backtrace,registers']);
  assert.equal(stdout, renderText(sampleRecord(), ['backtrace', 'registers']));
  const json = crashlogctl(directories, ['show', '00', '--json', '--sections', 'backtrace']).stdout;
  const record = readRecord(json);
  assert.equal(record.missing['registers'], 'not selected');
  assert.equal(record.threads?.length, 1);
  const wrong = crashlogctl(directories, ['show', '00', '--sections', 'colours']);
  assert.match(wrong.stderr, /There is no section 'colours'; there are backtrace, /);
  assert.equal(wrong.status, 2);
});

test('crashlogctl show: nothing of a crashed program reaches a terminal as a control character', (t) => {
  const directories = twoReports(t);
  // Also where somebody has changed the text since.
  writeFileSync(join(directories.logDir, 'usercrash_07'), `== Title ==\n${HOSTILE}\n`, { flag: 'a' });
  for (const args of [
    [],
    ['--json'],
    ['--sections', 'process,journal'],
    ['--json', '--sections', 'process'],
  ]) {
    const { stdout } = crashlogctl(directories, ['show', '07', ...args]);
    assert.doesNotMatch(stdout, CONTROL, args.join(' '));
    const plain = onTerminal(directories, ['show', '07', ...args], { env: { NO_COLOR: '1' } });
    assert.doesNotMatch(plain, CONTROL, args.join(' '));
  }
  assert.equal(readRecord(crashlogctl(directories, ['show', '07', '--json']).stdout).process.comm, HOSTILE);
});

test('crashlogctl show colours a terminal, and changes nothing else', (t) => {
  const directories = twoReports(t);
  const shown = onTerminal(directories, ['show', '00']);
  assert.match(shown, /\x1b\[1mCrash/);
  assert.match(shown, /\x1b\[36m== Backtrace ==/);
  assert.equal(shown.replace(/\x1b\[[0-9;]*m/g, ''), crashlogctl(directories, ['show', '00']).stdout);
  assert.match(
    crashlogctl(directories, ['show', '00'], { env: { NO_COLOR: '', FORCE_COLOR: '1' } }).stdout,
    /\x1b\[/,
  );
});

test('crashlogctl show: a terminal gets it through PAGER, one that is missing or that ends early does no harm', (t) => {
  const directories = twoReports(t);
  const env = { NO_COLOR: '1' };
  const paged = onTerminal(directories, ['show', '00'], { env: { ...env, PAGER: 'sed s/^/:/' } });
  assert.match(paged, /^:\*\*\* /);
  const whole = crashlogctl(directories, ['show', '00']).stdout;
  const missing = onTerminal(directories, ['show', '00'], {
    env: { ...env, PAGER: 'no-such-pager 2>/dev/null' },
  });
  assert.equal(missing, whole);
  const program = join(import.meta.dirname, '../../dist/crashlogctl');
  const withoutLess = `unset PAGER; export PATH=/nonexistent; '${program}' show 00`;
  const { stdout } = spawnSync('script', ['-qec', withoutLess, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, ...environmentOf(directories), TERM: 'xterm' },
  });
  assert.equal(stdout.replaceAll('\r\n', '\n'), whole);
  assert.equal(onTerminal(directories, ['show', '00'], { env: { ...env, PAGER: 'true' } }), '');
  assert.equal(onTerminal(directories, ['show', '00'], { env: { ...env, PAGER: '' } }), whole);
});

test('crashlogctl show: a report whose JSON is gone or damaged still has its text', (t) => {
  const directories = twoReports(t);
  const json = join(directories.logDir, 'usercrash_00.json');
  writeFileSync(json, '{');
  assert.equal(crashlogctl(directories, ['show', '00']).status, 0);
  assert.match(crashlogctl(directories, ['show', '00', '--json']).stderr, /^crashlogctl: Not JSON: /);
  rmSync(json);
  const { stderr, status } = crashlogctl(directories, ['show', '00', '--sections', 'maps']);
  assert.match(stderr, /^crashlogctl: usercrash_00 has no JSON beside it any more\. Try: .*less /);
  assert.equal(status, 1);
});

test('crashlogctl show: who may not read a report gets one line with what to do', (t) => {
  const directories = twoReports(t);
  chmodSync(join(directories.logDir, '..'), 0o755);
  chmodSync(join(directories.logDir, 'usercrash_07'), 0o640);
  const { stdout, stderr, status } = crashlogctl(directories, ['show', '07'], { uid: 65_534 });
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^crashlogctl: usercrash_07 may not be read by this user\. Try: sudo crashlogctl show 07; .*\n$/,
  );
  assert.equal(status, 1);
});

test('crashlogctl show tells a terminal how often such a crash was seen', (t) => {
  const directories = twoReports(t);
  const { quickKey } = sampleRecord();
  const entry = {
    ...{
      at: instantOf(1_796_008_000_000_000, 0),
      boot: null,
      host: null,
      pid: 1,
      uid: 0,
      program: 'app',
      unit: null,
    },
    ...{ signal: 'SIGSEGV', quickKey, signature: null, slot: null, repeatOf: null, collected: 'repeat' },
    ...{ reason: null, durations: null },
  };
  const lines = ['1', '2'].map((crashId) => `${formatHistoryLine({ ...entry, crashId })}\n`);
  writeFileSync(join(directories.logDir, 'history'), lines.join(''));
  const shown = onTerminal(directories, ['show', '00'], { env: { NO_COLOR: '1' } });
  assert.match(
    shown,
    /^Signature .*\nSeen {7}2 times since 2026-11-30 03:06:40\.000000 \+00:00, last 2026-11-30 .*\nProcess /m,
  );
  assert.doesNotMatch(crashlogctl(directories, ['show', '00']).stdout, /^Seen/m);
});
