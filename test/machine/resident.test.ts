import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, startCollecting, until } from './collecting.ts';
import { compile } from './programs.ts';
import { commandLineOf, isByResident, residentOf } from './resident-client.ts';

test('the resident client captures, several crashes at once too, and leaks no descriptor', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pid = await residentOf(collecting);
  const crash = async () => {
    const ended = await run(program);
    const { record } = await collecting.published(ended.pid);
    assert.ok(isByResident(record.collection.steps), JSON.stringify(record.collection));
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  };
  await crash();
  const before = readdirSync(`/proc/${pid}/fd`).length;
  await Promise.all(Array.from({ length: 6 }, crash));
  await crash();
  // The last report is published a moment before its files are closed.
  await until('no descriptor is left', () => readdirSync(`/proc/${pid}/fd`).length <= before);
});

test('a resident client that is killed costs no crash, and is started again', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pid = await residentOf(collecting);
  process.kill(pid, 'SIGKILL');
  const first = await run(program);
  assert.equal(
    (await collecting.published(first.pid)).record.threads?.[0]?.frames?.[0]?.function,
    'read_through',
  );
  await residentOf(collecting, pid);
  const second = await run(program);
  assert.ok(isByResident((await collecting.published(second.pid)).record.collection.steps));
});

test('a resident client that hangs costs some seconds, and no crash', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pid = await residentOf(collecting);
  process.kill(pid, 'SIGSTOP');
  // The process is held by its pipe in the hanging client's queue until the server has noticed; then a client of its own has it.
  const ended = await run(program);
  const { record } = await collecting.published(ended.pid);
  assert.ok(!isByResident(record.collection.steps));
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  await collecting.server.logged('resident-client-hangs');
  await residentOf(collecting, pid);
  const second = await run(program);
  assert.ok(isByResident((await collecting.published(second.pid)).record.collection.steps));
});

test('the resident client ends with its server, also when that is killed', async (t) => {
  const collecting = await startCollecting(t);
  const pid = await residentOf(collecting);
  await collecting.server.stop('SIGKILL');
  while (commandLineOf(String(pid)).includes('--resident'))
    await new Promise((resolve) => setTimeout(resolve, 20));
});
