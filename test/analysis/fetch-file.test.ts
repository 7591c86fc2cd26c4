import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fetchFile } from '../../analysis/gdb/fetch-file.ts';
import { FileSystems } from '../../capture/file-systems.ts';
import { openPath } from '../../linux/open-path.ts';

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'uc-fetch-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function placeOf(t: TestContext, path: string): number {
  const fd = openPath(path);
  t.after(() => closeSync(fd));
  return fd;
}

test('fetchFile() copies a file of which there is only a descriptor that cannot be read', async (t) => {
  const path = join(place(t), 'file');
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  writeFileSync(path, content);
  const fd = placeOf(t, path);
  rmSync(path);
  const copy = await fetchFile(fd, 5000);
  assert.ok(typeof copy === 'number', JSON.stringify(copy));
  t.after(() => closeSync(copy));
  assert.deepEqual(readFileSync(`/proc/self/fd/${copy}`), content);
});

test('fetchFile() leaves a file that never answers, and says so', async (t) => {
  const path = join(place(t), 'fifo');
  execFileSync('mkfifo', [path]);
  const started = performance.now();
  const failed = await fetchFile(placeOf(t, path), 300);
  assert.deepEqual(failed, { failure: 'its file system did not answer within 0.3 s' });
  assert.ok(performance.now() - started < 3000);
});

test('fetchFile() says why a file cannot be read', async (t) => {
  const failed = await fetchFile(placeOf(t, place(t)), 5000);
  assert.deepEqual(failed, { failure: 'it could not be read (Is a directory)' });
});

test('FileSystems tells a disk and memory from what may not answer', async (t) => {
  const fileSystems = new FileSystems(process.pid);
  const directory = place(t);
  writeFileSync(join(directory, 'file'), '');
  assert.equal(fileSystems.mayBlockAt(join(directory, 'file')), false);
  assert.equal(fileSystems.mayBlockAt('/dev/shm'), false);
  assert.equal(fileSystems.mayBlockAt('/proc/version'), true);
  assert.equal(fileSystems.mayBlockAt(join(directory, 'missing')), true);
  const pipe = openSync('/dev/null', 'r');
  t.after(() => closeSync(pipe));
  assert.equal(
    new FileSystems(2 ** 22 + 1).mayBlock(pipe),
    true,
    'of a process that is gone nothing is known',
  );
});
