import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = [0, 0, 0, 0];
const LOWERED = [0, 65_529, 0, 65_529];

test('lowerRights() puts root’s rights down in all threads, and asRoot() takes them back for one act', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  chmodSync(directory, 0o755);
  const program = join(import.meta.dirname, 'try-lowered.ts');
  const { stdout, stderr } = spawnSync(process.execPath, [program, directory], { encoding: 'utf8' });
  assert.deepEqual(
    JSON.parse(stdout || 'null'),
    {
      lowered: LOWERED,
      read: 'EACCES',
      readAsRoot: 'done',
      raised: ROOT,
      failing: 'ENOENT',
      after: LOWERED,
      dumpable: 0,
      made: [0, 0],
      inWorker: [ROOT, LOWERED, 'EACCES', ROOT],
      regained: [ROOT, 'done'],
    },
    stderr,
  );
});
