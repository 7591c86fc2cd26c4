import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { removeReport, seeReport } from '../../install/remove-report.ts';
import { readHistory } from '../../report/read-history.ts';
import { report } from '../server/client-side.ts';
import { startTestServer, type TestDirectories, testDirectories } from '../server/test-server.ts';
import { crashlogctl, environmentOf } from './collected.ts';
import { publishedSample } from './published-sample.ts';

function reports(t: TestContext, count: number): TestDirectories {
  const directories = testDirectories(t);
  for (let slot = 0; slot < count; slot += 1) publishedSample(directories.logDir, slot, { ageS: 100 - slot });
  return directories;
}

/** Answers the question on a terminal. */
function answered(
  directories: TestDirectories,
  answer: string,
  args: string,
): { stdout: string; status: number | null } {
  const program = join(import.meta.dirname, '../../dist/crashlogctl');
  return spawnSync('script', ['-qec', `'${program}' ${args}`, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, ...environmentOf(directories) },
    input: answer,
    timeout: 60_000,
  });
}

test('crashlogctl delete --yes removes reports, whole, and no others', (t) => {
  const directories = reports(t, 4);
  writeFileSync(join(directories.logDir, 'usercrash_01.upload'), '');
  const { stdout, stderr, status } = crashlogctl(directories, [
    'delete',
    '1',
    'usercrash_01',
    'latest',
    '--yes',
  ]);
  assert.deepEqual([stdout, stderr, status], ['usercrash_01\nusercrash_03\n', '', 0]);
  const left = ['usercrash_00', 'usercrash_02'].flatMap((name) => [name, `${name}.core.zst`, `${name}.json`]);
  assert.deepEqual(readdirSync(directories.logDir).sort(), left);
});

test('crashlogctl delete removes nothing where one of the names is wrong', (t) => {
  const directories = reports(t, 2);
  const { stderr, status } = crashlogctl(directories, ['delete', '0', '9', '--yes']);
  assert.match(stderr, /There is no report 9/);
  assert.equal(status, 1);
  assert.equal(readdirSync(directories.logDir).length, 6);
});

test('crashlogctl delete asks on a terminal, and refuses without one', (t) => {
  const directories = reports(t, 2);
  const { stderr, status } = crashlogctl(directories, ['delete', '0']);
  assert.match(stderr, /^usercrash_00 {2}.*SIGSEGV {2}\/usr\/bin\/app {2}pid 4242$/m);
  assert.match(stderr, /There is no terminal to ask on, and nothing was removed\. Try: the same with --yes/);
  assert.equal(status, 1);
  const no = answered(directories, 'n\n', 'delete 0');
  assert.match(no.stdout, /Delete this report\? \[y\/N\]/);
  assert.equal(no.status, 1);
  assert.equal(answered(directories, '\x04', 'delete 0').status, 1);
  assert.ok(existsSync(join(directories.logDir, 'usercrash_00')));
  assert.equal(answered(directories, 'y\n', 'delete 0').status, 0);
  assert.ok(!existsSync(join(directories.logDir, 'usercrash_00')));
});

test('crashlogctl delete: a running server gives the place to the next crash, and the history stays', async (t) => {
  const directories = testDirectories(t);
  const server = await startTestServer(t, directories);
  report(server, 'first');
  assert.equal(crashlogctl(directories, ['delete', '00', '--yes']).status, 0);
  report(server, 'second');
  const slots = [];
  for await (const { slot, collected } of readHistory(directories.logDir)) slots.push([slot, collected]);
  assert.deepEqual(slots, [
    [0, 'full'],
    [0, 'full'],
  ]);
});

test('removeReport() leaves a report that has come in the place of the one that was seen', async (t) => {
  const { logDir } = reports(t, 2);
  const seen = await seeReport(logDir, 'usercrash_00');
  for (const suffix of ['', '.json', '.core.zst']) {
    renameSync(join(logDir, `usercrash_01${suffix}`), join(logDir, `usercrash_00${suffix}`));
  }
  assert.equal(await removeReport(seen), false);
  assert.deepEqual(readdirSync(logDir).sort(), [
    'usercrash_00',
    'usercrash_00.core.zst',
    'usercrash_00.json',
  ]);
});

test('removeReport() leaves what has come between two of its steps', async (t) => {
  const { logDir } = reports(t, 2);
  const seen = await seeReport(logDir, 'usercrash_00');
  renameSync(join(logDir, 'usercrash_01.json'), join(logDir, 'usercrash_00.json'));
  assert.equal(await removeReport(seen), true);
  assert.deepEqual(readdirSync(logDir).sort(), [
    'usercrash_00.json',
    'usercrash_01',
    'usercrash_01.core.zst',
  ]);
});

test('crashlogctl delete: who may not remove gets one line with what to do', (t) => {
  const directories = reports(t, 1);
  spawnSync('chmod', ['-R', 'a+rX', join(directories.logDir, '..')]);
  const { stderr, status } = crashlogctl(directories, ['delete', '0', '--yes'], { uid: 65_534 });
  assert.match(
    stderr,
    /^crashlogctl: usercrash_00 may not be removed by this user\. Try: sudo crashlogctl delete usercrash_00\n$/,
  );
  assert.equal(status, 1);
  assert.equal(readdirSync(directories.logDir).length, 3);
});
