import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const PROGRAM = join(import.meta.dirname, '../../client/leave-place.ts');

for (const [name, isLeft] of [
  ['place.c', true],
  ['other', false],
] as const) {
  test(`leavePlace() closes descriptor 10 ${isLeft ? 'where it is a place' : 'only where it is one'}`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'usercrash-place-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const fd = openSync(join(directory, name), 'w');
    const script = `import { leavePlace } from '${PROGRAM}';
      import { fstatSync } from 'node:fs';
      leavePlace('${directory}');
      try { fstatSync(10); console.log('open'); } catch (error) { console.log(error.code); }`;
    const ignored = Array.from({ length: 7 }, () => 'ignore' as const);
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe', ...ignored, fd],
      encoding: 'utf8',
    });
    closeSync(fd);
    assert.equal(stdout, isLeft ? 'EBADF\n' : 'open\n', stderr);
  });
}
