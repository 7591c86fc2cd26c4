import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { vacuumPlan } from '../../install/vacuum-plan.ts';
import type { StoredReport } from '../../server/stored-reports.ts';
import { sampleRecord } from '../report/sample-record.ts';
import { type TestDirectories, testDirectories } from '../server/test-server.ts';
import { cellsOf } from './cells-of.ts';
import { crashlogctl, environmentOf } from './collected.ts';
import { publishedSample } from './published-sample.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const DAY_S = 86_400;
/** Nothing is over them on any machine. */
const NO_BOUNDS = { USERCRASH_MAX_BYTES: '100%', USERCRASH_KEEP_FREE: '0', USERCRASH_MAX_AGE: '30' };

/** Of different kinds, of today, yesterday, ... */
function reports(t: TestContext, kinds: readonly string[]): TestDirectories {
  const directories = testDirectories(t);
  for (const [slot, kind] of kinds.entries()) {
    const signature = { text: kind, hash: kind };
    const record = { ...sampleRecord(), quickKey: kind.padEnd(16, '0'), signature };
    publishedSample(directories.logDir, slot, { record, ageS: slot * DAY_S });
  }
  return directories;
}

const left = ({ logDir }: TestDirectories) =>
  readdirSync(logDir)
    .filter((name) => /^usercrash_\d+$/.test(name))
    .sort();
const vacuum = (directories: TestDirectories, args: string[], env: Record<string, string> = {}) =>
  crashlogctl(directories, ['vacuum', ...args], { env: { ...NO_BOUNDS, ...env } });

function stored(slot: number, known: Partial<StoredReport> = {}): StoredReport {
  return {
    ...{ slot, name: `usercrash_0${slot}`, bytes: 100, atMs: NOW_MS - slot * 1000, crashId: null },
    ...{ quickKey: null, signature: null, waitsForUpload: false },
    ...known,
  };
}

const BOUNDS = {
  ...{
    slots: 100,
    maxBytes: { percent: 100 },
    keepFree: { bytes: 0 },
    maxAgeMs: 10_000,
    keep: Number.POSITIVE_INFINITY,
  },
};
const ROOM = { total: 10_000, free: 5000, waiting: 0 };

test('vacuumPlan() lets go what the server would, in its order, until the rest fits', () => {
  const four = [0, 1, 2, 3].map((slot) => stored(slot));
  const of = (bounds: Partial<typeof BOUNDS> & object, room = ROOM) =>
    vacuumPlan(four, { ...BOUNDS, ...bounds }, { room, nowMs: NOW_MS }).map(({ report }) => report.slot);
  assert.deepEqual(of({}), []);
  assert.deepEqual(of({ slots: 2 }), [3, 2]);
  assert.deepEqual(of({ maxAgeMs: 1500 }), [3, 2]);
  assert.deepEqual(of({ keep: 1 }), [3, 2, 1]);
  assert.deepEqual(of({ maxBytes: { percent: 2 } }), [3, 2]);
  assert.deepEqual(of({ maxBytes: { percent: 2 } }, { ...ROOM, waiting: 150 }), [3, 2, 1, 0]);
  assert.deepEqual(of({ keepFree: { bytes: 5150 } }), [3, 2]);
});

test('vacuumPlan() lets repeats go first, and what waits for its upload last', () => {
  const quickKey = 'a'.repeat(16);
  const some = [
    stored(0, { quickKey }),
    stored(1, { quickKey }),
    stored(2),
    stored(3, { waitsForUpload: true }),
  ];
  const plan = vacuumPlan(some, { ...BOUNDS, keep: 0 }, { room: ROOM, nowMs: NOW_MS });
  assert.deepEqual(
    plan.map(({ report }) => report.slot),
    [1, 2, 0, 3],
  );
  assert.equal(plan[0]?.reason, 'no more than 0 are kept');
});

test('crashlogctl vacuum --dry-run says what would go and why, and removes nothing', (t) => {
  const directories = reports(t, ['a', 'b', 'c', 'd']);
  const { stdout, stderr, status } = vacuum(directories, ['--older-than', '1d 12h', '--dry-run']);
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    cellsOf(stdout).map(([name, , , why]) => [name, why]),
    [
      ['usercrash_03', 'older than 1 d 12 h'],
      ['usercrash_02', 'older than 1 d 12 h'],
    ],
  );
  assert.match(stderr, /^crashlogctl: 2 reports, \d+ KiB over the bounds\n$/);
  assert.equal(left(directories).length, 4);
});

test('crashlogctl vacuum --yes removes what is over the bounds, by settings or by options', (t) => {
  const directories = reports(t, ['a', 'b', 'a', 'c']);
  assert.equal(vacuum(directories, ['--yes']).stdout, '');
  assert.equal(vacuum(directories, ['--keep', '3', '--yes']).status, 0);
  assert.deepEqual(
    left(directories),
    ['usercrash_00', 'usercrash_01', 'usercrash_03'],
    'the repeat goes first',
  );
  assert.equal(vacuum(directories, ['--yes'], { USERCRASH_MAX_AGE: '2' }).status, 0);
  assert.deepEqual(left(directories), ['usercrash_00', 'usercrash_01']);
  assert.equal(vacuum(directories, ['--max-bytes', '1K', '--yes']).status, 0);
  assert.deepEqual(readdirSync(directories.logDir), []);
});

test('crashlogctl vacuum counts crashes that wait, and leaves them to the server', (t) => {
  const directories = reports(t, ['a']);
  const pending = join(directories.logDir, '.pending');
  mkdirSync(pending);
  const crashId = `${'0123456789abcdef'.repeat(2)}-1-1-1`;
  writeFileSync(join(pending, `${crashId}.core.zst`), Buffer.alloc(2 ** 20, 1));
  assert.match(
    vacuum(directories, ['--max-bytes', '1M', '--yes']).stdout,
    /reports and waiting crashes would take/,
  );
  assert.deepEqual(left(directories), []);
  assert.equal(readdirSync(pending).length, 1);
});

test('crashlogctl vacuum counts what it has removed, and not what went while it asked', async (t) => {
  const directories = reports(t, ['a', 'b', 'c']);
  const program = join(import.meta.dirname, '../../dist/crashlogctl');
  const asked = spawn('script', ['-qec', `'${program}' vacuum --keep 1`, '/dev/null'], {
    env: { ...process.env, ...environmentOf(directories), ...NO_BOUNDS },
  });
  t.after(() => asked.kill('SIGKILL'));
  let said = '';
  for await (const piece of asked.stdout) {
    const hadAsked = said.includes('[y/N]');
    said += String(piece);
    if (hadAsked || !said.includes('[y/N]')) continue;
    rmSync(join(directories.logDir, 'usercrash_02'));
    asked.stdin.write('y\n');
  }
  assert.match(said, /usercrash_02 was gone already/);
  assert.match(said, /removed 1 of 2 reports, /);
  assert.deepEqual(left(directories), ['usercrash_00']);
});

test('crashlogctl vacuum refuses without a terminal unless it is told', (t) => {
  const directories = reports(t, ['a', 'b']);
  const { stderr, status } = vacuum(directories, ['--keep', '1']);
  assert.match(stderr, /no terminal to ask on/);
  assert.equal(status, 1);
  assert.equal(left(directories).length, 2);
  for (const wrong of [
    ['--keep', '-1'],
    ['--older-than', 'soon'],
    ['--max-bytes', 'much'],
  ]) {
    assert.equal(vacuum(directories, wrong).status, 2, wrong.join(' '));
  }
});
