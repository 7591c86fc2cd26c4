import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ModuleFiles, type ReceivedFile } from '../../server/module-files.ts';

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'module-files-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Opens a file of its own for each name, as a message brings them. */
function received(
  directory: string,
  names: readonly string[],
  known: Partial<ReceivedFile> = {},
): ReceivedFile[] {
  return names.map((name, module) => {
    writeFileSync(join(directory, name), name);
    return {
      module,
      mayBlock: false,
      onlyHere: false,
      place: '',
      ...known,
      fd: openSync(join(directory, name), 'r'),
    };
  });
}

function openCount(): number {
  return readdirSync('/proc/self/fd').length;
}

test('ModuleFiles keeps the files of a crash, also when they are deleted, until it is dropped', async (t) => {
  const directory = directoryFor(t);
  const before = openCount();
  const files = new ModuleFiles();
  await files.keep('a', received(directory, ['app', 'libc'], { onlyHere: true }));
  rmSync(join(directory, 'app'));
  const [app, libc] = files.of('a');
  assert.deepEqual([app?.module, libc?.module, app?.onlyHere], [0, 1, true]);
  assert.equal(readFileSync(`/proc/self/fd/${app?.fd}`, 'utf8'), 'app');
  files.drop('a');
  assert.deepEqual(files.of('a'), []);
  assert.equal(files.count, 0);
  assert.equal(openCount(), before);
});

test('ModuleFiles holds a file once for all crashes, each with its own word about it', async (t) => {
  const directory = directoryFor(t);
  const before = openCount();
  const files = new ModuleFiles();
  await files.keep('a', received(directory, ['app', 'libc']));
  await files.keep('b', received(directory, ['libc'], { onlyHere: true }));
  await files.keep('b', received(directory, ['libc', 'other'], { onlyHere: true }));
  assert.equal(files.count, 3);
  assert.equal(openCount(), before + 3);
  assert.equal(files.of('a')[1]?.fd, files.of('b')[0]?.fd);
  assert.deepEqual([files.of('a')[1]?.module, files.of('b')[0]?.module], [1, 0]);
  files.drop('a');
  assert.equal(readFileSync(`/proc/self/fd/${files.of('b')[0]?.fd}`, 'utf8'), 'libc');
  files.drop('b');
  files.drop('b');
  assert.equal(openCount(), before);
});

test('ModuleFiles over its limit keeps only what no path leads to, and not without end', async (t) => {
  const directory = directoryFor(t);
  const before = openCount();
  const files = new ModuleFiles(2);
  await files.keep('a', received(directory, ['1', '2', '3']));
  assert.deepEqual(
    files.of('a').map(({ module }) => module),
    [0, 1],
  );
  await files.keep('b', received(directory, ['1', '4', '5', '6'], { onlyHere: true }));
  assert.deepEqual(
    files.of('b').map(({ module }) => module),
    [0, 1, 2],
  );
  assert.equal(files.count, 4);
  assert.equal(openCount(), before + 4);
  for (const crash of ['a', 'b']) files.drop(crash);
  assert.equal(openCount(), before);
});

test('ModuleFiles asks nothing of a file that may never answer, and shares it with nobody', async (t) => {
  const directory = directoryFor(t);
  const files = new ModuleFiles();
  await files.keep('a', received(directory, ['app'], { mayBlock: true }));
  await files.keep('b', received(directory, ['app'], { mayBlock: true }));
  assert.equal(files.count, 2);
  for (const crash of ['a', 'b']) files.drop(crash);
  assert.equal(files.count, 0);
});
