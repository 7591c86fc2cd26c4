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
  test(`leavePlace() closes descriptors 10 and 11 ${isLeft ? 'where they are places' : 'only where they are'}`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'usercrash-place-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const fd = openSync(join(directory, name), 'w');
    const script = `import { leavePlace } from '${PROGRAM}';
      import { fstatSync } from 'node:fs';
      leavePlace('${directory}');
      for (const fd of [10, 11])
        try { fstatSync(fd); console.log('open'); } catch (error) { console.log(error.code); }`;
    const ignored = Array.from({ length: 7 }, () => 'ignore' as const);
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe', ...ignored, fd, fd],
      encoding: 'utf8',
    });
    closeSync(fd);
    assert.equal(stdout, (isLeft ? 'EBADF\n' : 'open\n').repeat(2), stderr);
  });
}
