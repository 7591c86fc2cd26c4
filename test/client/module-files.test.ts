import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Captured } from '../../capture/captured.ts';
import { moduleFilesOf } from '../../client/module-files.ts';
import { capturedProcess } from '../analysis/captured-process.ts';

/** A capture of a process whose executable is open, with so many libraries more. */
function captureWith(t: TestContext, libraries: number): Captured {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const captured = capturedProcess(child.pid ?? 0);
  const [executable] = captured.modules;
  assert.ok(executable !== undefined && executable.fd !== null);
  const { fd } = executable;
  t.after(() => closeSync(fd));
  const library = { ...executable, isExecutable: false };
  captured.modules.unshift(...Array.from({ length: libraries }, () => ({ ...library })));
  return captured;
}

test('moduleFilesOf() names the executable first, then what no path leads to, and at most 253', (t) => {
  const captured = captureWith(t, 300);
  const { modules } = captured;
  Object.assign(modules[7] ?? {}, { deleted: true });
  Object.assign(modules[9] ?? {}, { mayBlock: true });
  Object.assign(modules[0] ?? {}, { fd: null });
  const { files, descriptors } = moduleFilesOf(captured);
  assert.equal(files.length, 253);
  assert.equal(descriptors.length, 253);
  assert.deepEqual(
    files.slice(0, 4).map(({ module, mayBlock, onlyHere }) => [module, mayBlock, onlyHere]),
    [
      [300, false, false],
      [7, false, true],
      [9, true, true],
      [1, false, false],
    ],
  );
});

test('moduleFilesOf() trusts no path of a process with another root or in another mount namespace', (t) => {
  for (const snapshot of [{ namespaces: { hasOwnMounts: true, users: null } }, { namespaces: null }]) {
    const captured = captureWith(t, 1);
    Object.assign(captured.snapshot, snapshot);
    assert.deepEqual(
      moduleFilesOf(captured).files.map(({ onlyHere }) => onlyHere),
      [true, true],
    );
  }
});

test('moduleFilesOf() sends what the process had mounted behind the executable', (t) => {
  const captured = captureWith(t, 300);
  captured.mounts = { root: 1000, namespace: 1001 };
  const { files, descriptors } = moduleFilesOf(captured);
  assert.deepEqual(
    files.slice(0, 4).map(({ place }) => place),
    ['', 'root', 'mounts', ''],
  );
  assert.deepEqual(descriptors.slice(1, 3), [1000, 1001]);
});
