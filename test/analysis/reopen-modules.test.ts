import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { recordedModules, reopenModules } from '../../analysis/reopen-modules.ts';
import type { Record as CrashRecord, Module } from '../../report/record.ts';
import { sampleRecord } from '../report/sample-record.ts';

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'reopen-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function moduleAt(path: string | null, known: Partial<Module> = {}): Module {
  const address = '0000000000400000';
  return {
    ...{ name: path ?? 'linux-vdso.so.1', path, buildId: 'abcdef', deleted: false },
    ...{ base: address, start: address, end: address, ...known },
  };
}

/** A crash of this moment, with the first module as its executable. */
function recordOf(modules: Module[], crashedMs = Date.now()): CrashRecord {
  const record = sampleRecord();
  record.at.us = crashedMs * 1000;
  record.process.exe = modules[0]?.path ?? null;
  record.modules = modules;
  return record;
}

function contents(fds: readonly (number | null)[]): (string | null)[] {
  return fds.map((fd) => (fd === null ? null : readFileSync(`/proc/self/fd/${fd}`, 'utf8')));
}

test('reopenModules() takes the files that were kept, and opens the others by their paths', (t) => {
  const directory = directoryFor(t);
  const path = (name: string) => {
    writeFileSync(join(directory, name), name);
    return join(directory, name);
  };
  const [app, libc] = [path('app'), path('libc')];
  const fd = openSync(app, 'r');
  rmSync(app);
  writeFileSync(app, 'another app');
  const record = recordOf([moduleAt(app, { deleted: true }), moduleAt(libc), moduleAt(null)]);
  const { modules, opened, notes } = reopenModules(record, new Map([[0, { fd, mayBlock: true }]]));
  assert.deepEqual(contents(modules.map((module) => module.fd)), ['app', 'libc', null]);
  assert.deepEqual(
    modules.map(({ isExecutable, mayBlock }) => [isExecutable, mayBlock]),
    [
      [true, true],
      [false, false],
      [false, false],
    ],
  );
  assert.deepEqual(opened, [modules[1]?.fd]);
  assert.deepEqual(notes, []);
  for (const descriptor of [fd, ...opened]) closeSync(descriptor);
});

test('reopenModules() says what cannot be opened any more, and waits for nothing', (t) => {
  const directory = directoryFor(t);
  const fifo = join(directory, 'fifo');
  spawnSync('mkfifo', [fifo]);
  const gone = Array.from({ length: 20 }, (_, index) => moduleAt(join(directory, `lib${index}`)));
  const before = readdirSync('/proc/self/fd').length;
  const { modules, opened, notes } = reopenModules(
    recordOf([moduleAt(join(directory, 'app'), { deleted: true }), moduleAt(fifo), ...gone]),
    new Map(),
  );
  assert.ok(modules.every((module) => module.fd === null));
  assert.deepEqual(opened, []);
  assert.equal(readdirSync('/proc/self/fd').length, before);
  assert.equal(notes[0], 'the executable cannot be opened any more, so its symbols were not used');
  assert.equal(notes[1], `${fifo} cannot be opened any more, so its symbols were not used`);
  assert.equal(notes.length, 9);
  assert.equal(notes[8], '14 more libraries cannot be opened any more');
});

test('reopenModules() takes a file without a build-id only where it is as old as the crash', (t) => {
  const path = join(directoryFor(t), 'app');
  writeFileSync(path, 'app');
  const without = { buildId: null };
  const [later] = reopenModules(recordOf([moduleAt(path, without)], Date.now() + 1000), new Map()).opened;
  assert.ok(later !== undefined);
  closeSync(later);
  const earlier = reopenModules(recordOf([moduleAt(path, without)], Date.now() - 60_000), new Map());
  assert.deepEqual(earlier.opened, []);
  assert.equal(earlier.notes.length, 1);
});

test('recordedModules() opens nothing', (t) => {
  const path = join(directoryFor(t), 'app');
  writeFileSync(path, 'app');
  const [app] = recordedModules(recordOf([moduleAt(path)]));
  assert.deepEqual([app?.fd, app?.isExecutable, app?.base], [null, true, 0x400000n]);
});
