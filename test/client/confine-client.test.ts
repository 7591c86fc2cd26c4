import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('confineClient() leaves local sockets, and nothing that an attack on the kernel begins with', () => {
  const program = join(import.meta.dirname, 'try-confined.ts');
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  assert.deepEqual(
    JSON.parse(stdout || 'null'),
    {
      unix: 'done',
      inet: 'EAFNOSUPPORT',
      netlink: 'EAFNOSUPPORT',
      forbidden: Array(5).fill('ENOSYS'),
      other: 'done',
    },
    stderr,
  );
});
