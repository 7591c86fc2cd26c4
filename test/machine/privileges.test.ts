import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { cageUser } from '../../analysis/cage/cage-user.ts';
import { run } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';

/** As /proc/PID/status says it. */
function assertUnprivileged(pid: number): void {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
  const { uid, gid } = cageUser();
  assert.equal(field('Uid'), Array(4).fill(uid).join('\t'));
  assert.equal(field('Gid'), Array(4).fill(gid).join('\t'));
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) assert.match(field(set) ?? '', /^0+$/, set);
  assert.equal(field('NoNewPrivs'), '1');
  // What is not dumpable belongs to root in /proc, and nobody else may look into it: proc(5).
  assert.equal(statSync(`/proc/${pid}/mem`).uid, 0);
}

test('a crash is analysed by a process that is not root any more', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const { pid } = await run(program);
  const [analyser = 0] = await gdb.started(1);
  assertUnprivileged(analyser);
  gdb.open();
  await collecting.published(pid);
});

test('a crash that had to wait is analysed by a process that is not root any more', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  const first = await run(program);
  const [one = 0] = await gdb.started(1);
  process.kill(one, 'SIGKILL');
  const [, two = 0] = await gdb.started(2);
  assertUnprivileged(two);
  gdb.open();
  await collecting.published(first.pid);
});
