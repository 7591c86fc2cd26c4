import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const SET = join(import.meta.dirname, '../../linux/set-idle-io.ts');

test('setIdleIo() sets the idle class of this thread and of what it starts', () => {
  const program = `
    import { execFileSync } from 'node:child_process';
    import { setIdleIo } from ${JSON.stringify(SET)};
    const ionice = (args) => execFileSync('ionice', args, { encoding: 'utf8' }).trim();
    const before = ionice([]);
    setIdleIo();
    console.log(JSON.stringify([before, ionice(['-p', String(process.pid)]), ionice([])]));
  `;
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  const [before, own, child] = JSON.parse(told);
  assert.notEqual(before, 'idle');
  assert.deepEqual([own, child], ['idle', 'idle']);
});
