import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readRecord } from '../../report/read-record.ts';
import { sampleRecord } from '../report/sample-record.ts';
import { type TestDirectories, testDirectories } from '../server/test-server.ts';
import { crashlogctl } from './collected.ts';
import { publishedSample } from './published-sample.ts';

const HOST = 'bastion-7';

function oneReport(t: TestContext): TestDirectories & { out: string } {
  const directories = testDirectories(t);
  const record = sampleRecord();
  record.machine.host = HOST;
  record.process.user = 'mallory';
  publishedSample(directories.logDir, 7, { record });
  const out = join(directories.logDir, '../out');
  mkdirSync(out);
  return { ...directories, out };
}

/** What an archive holds, by name. */
function unpacked(archive: Buffer, { out }: { out: string }): Record<string, Buffer> {
  const directory = join(out, 'unpacked');
  mkdirSync(directory);
  const { status, stderr } = spawnSync('tar', ['-xzC', directory], { input: archive, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(directory, name)).isFile()).sort();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(directory, name))]));
}

test('crashlogctl export writes an archive without personal data, and says what it left out', (t) => {
  const directories = oneReport(t);
  const path = join(directories.out, 'crash.tar.gz');
  const { stdout, stderr, status } = crashlogctl(directories, ['export', '07', '-o', path]);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `${path}\n`);
  assert.match(
    stderr,
    /^crashlogctl: left out: \d+ words of the stack, .*3 values of environment variables.*1 host names/m,
  );
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const files = unpacked(readFileSync(path), directories);
  assert.deepEqual(Object.keys(files), ['usercrash_07/report.json', 'usercrash_07/report.txt']);
  for (const file of Object.values(files)) assert.ok(!file.includes(HOST) && !file.includes('mallory'));
  assert.equal(readRecord(files['usercrash_07/report.json'] ?? '').crashId, sampleRecord().crashId);
});

test('crashlogctl export --raw holds everything as it is', (t) => {
  const directories = oneReport(t);
  const path = join(directories.out, 'raw.tar.gz');
  const { stderr, status } = crashlogctl(directories, ['export', 'latest', '--raw', '-o', path]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /nothing was left out/);
  const report = join(directories.logDir, 'usercrash_07');
  assert.deepEqual(unpacked(readFileSync(path), directories), {
    'usercrash_07/core.zst': readFileSync(`${report}.core.zst`),
    'usercrash_07/report.json': readFileSync(`${report}.json`),
    'usercrash_07/report.txt': readFileSync(report),
  });
});

test('crashlogctl export gives the same bytes twice, to a file or to a pipe', (t) => {
  const directories = oneReport(t);
  const path = (at: number) => join(directories.out, `${at}.tar.gz`);
  for (const at of [0, 1])
    crashlogctl(directories, ['export', '07', '-o', path(at)], { env: { TZ: at ? 'Asia/Tokyo' : 'UTC' } });
  assert.deepEqual(readFileSync(path(0)), readFileSync(path(1)));
  const program = join(import.meta.dirname, '../../dist/crashlogctl');
  const env = { ...process.env, USERCRASH_LOG_DIR: directories.logDir };
  const { stdout } = spawnSync(program, ['export', '07', '-o', '-'], { env });
  assert.deepEqual(stdout, readFileSync(path(0)));
});

test('crashlogctl export writes over nothing, and through no link', (t) => {
  const directories = oneReport(t);
  const path = join(directories.out, 'there');
  writeFileSync(path, 'mine');
  symlinkSync('/var/tmp/uc-elsewhere', join(directories.out, 'link'));
  for (const name of ['there', 'link']) {
    const { stderr, status } = crashlogctl(directories, ['export', '07', '-o', join(directories.out, name)]);
    assert.match(stderr, /is there already\. Try: -o with another name\n$/);
    assert.equal(status, 1);
  }
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('crashlogctl export: by sudo the archive belongs to whoever called it', (t) => {
  const directories = oneReport(t);
  const path = join(directories.out, 'mine.tar.gz');
  crashlogctl(directories, ['export', '07', '-o', path], { env: { SUDO_UID: '65534', SUDO_GID: '65533' } });
  const { uid, gid } = statSync(path);
  assert.deepEqual([uid, gid], [65_534, 65_533]);
});

test('crashlogctl export leaves no file where it fails', (t) => {
  const directories = oneReport(t);
  writeFileSync(join(directories.logDir, 'usercrash_07.json'), '{');
  const { stderr, status } = crashlogctl(directories, ['export', '07', '-o', join(directories.out, 'x')]);
  assert.match(stderr, /^crashlogctl: Not JSON/);
  assert.equal(status, 1);
  assert.deepEqual(readdirSync(directories.out), []);
});
