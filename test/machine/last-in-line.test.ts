import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { run } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';

test('an analysis comes last for processor and disk', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const crash = run(program);
  const [client = 0] = await gdb.started(1);
  assert.equal(execFileSync('ionice', ['-p', String(client)], { encoding: 'utf8' }).trim(), 'idle');
  assert.ok(getPriority(client) >= 10, `nice ${getPriority(client)}`);
  gdb.open();
  await collecting.published((await crash).pid);
});
