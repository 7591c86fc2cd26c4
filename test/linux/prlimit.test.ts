import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { prlimit } from '../../linux/prlimit.ts';
import { hasErrno } from '../../linux/system-call-error.ts';

test('prlimit() sets the limit of a child, and says when it is gone', async (t) => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid ?? assert.fail();
  prlimit(pid, 'data', 64n * 1024n * 1024n);
  assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /Max data size +67108864 +67108864/);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  assert.throws(
    () => prlimit(pid, 'data', 0n),
    (error) => hasErrno(error, 'ESRCH'),
  );
});
