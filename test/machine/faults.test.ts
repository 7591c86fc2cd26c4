import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pendingNames, run, startCollecting, until } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';
import { compile } from './programs.ts';

test('a crash while the server is down is published when it starts again', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  await collecting.server.stop('SIGKILL');
  const ended = await run(program);
  await until('a report in .pending', () => pendingNames(collecting).some((name) => name.endsWith('.txt')));
  assert.equal(existsSync(join(collecting.directories.logDir, 'usercrash_00')), false);
  await collecting.restart();
  const { record, path } = await collecting.published(ended.pid);
  assert.ok(path.endsWith('usercrash_00'));
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  assert.ok(record.collection.notes.some((note) => note.startsWith('collected without the server')));
  await until('.pending is empty', () => pendingNames(collecting).length === 0);
});

test('a server that is killed while a crash is analysed loses nothing: the client keeps the report for the next', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const ended = await run(program);
  await gdb.started(1);
  await collecting.server.stop('SIGKILL');
  gdb.open();
  await until('a report in .pending', () => pendingNames(collecting).some((name) => name.endsWith('.txt')));
  await collecting.restart();
  const { record } = await collecting.published(ended.pid);
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  await until('.pending is empty', () => pendingNames(collecting).length === 0);
});

test('a server that starts while an orphaned client still analyses leaves the crash to that client', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const ended = await run(program);
  await gdb.started(1);
  await collecting.server.stop('SIGKILL');
  await collecting.restart();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await gdb.started(1)).length, 1, 'a second analysis was started');
  gdb.open();
  await collecting.published(ended.pid);
  assert.deepEqual(
    readdirSync(collecting.directories.logDir).filter((name) => /^usercrash_\d\d$/.test(name)),
    ['usercrash_00'],
  );
});

test('a client that is killed while it analyses is replaced by another', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const ended = await run(program);
  const [client = 0] = await gdb.started(1);
  process.kill(client, 'SIGKILL');
  gdb.open();
  const { record } = await collecting.published(ended.pid);
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  assert.ok(record.collection.notes.some((note) => note.startsWith('analysed later')));
});

test('crashes beyond the places for analysis are deferred, let go at once, and published in their turn', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  const first = await run(program);
  await gdb.started(1);
  // They end although no analysis can: nobody waits for another crash's gdb.
  const others = [await run(program), await run(program)];
  await until(
    'both are in .pending',
    () => pendingNames(collecting).filter((name) => name.endsWith('.captured')).length === 3,
  );
  assert.equal((await gdb.started(1)).length, 1);
  gdb.open();
  for (const { pid } of [first, ...others]) {
    const { record } = await collecting.published(pid);
    assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
    assert.equal(record.missing['backtrace'], undefined);
  }
});

test("gdb inherits neither the core's pipe nor the pidfd, and nothing of the client's but what it needs", async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t);
  const ended = await run(program);
  const [client = 0] = await gdb.started(1);
  const descriptors = gdb.descriptors(client).join('\n');
  const own = readdirSync(`/proc/${client}/fd`).map(Number);
  gdb.open();
  await collecting.published(ended.pid);
  assert.doesNotMatch(descriptors, /pidfd|kmsg|server\.sock|usercrash_/);
  assert.match(descriptors, /memfd:usercrash-core/);
  assert.ok(own.includes(1) && own.includes(2), 'descriptors 1 and 2 are closed');
});

for (const [what, script, reason] of [
  ['missing', null, /gdb/],
  ['ending at once', '#!/bin/sh\nexit 3\n', /gdb/],
  ['printing garbage', '#!/bin/sh\nyes garbage | head -c 100000\n', /gdb/],
] as const) {
  test(`a gdb that is ${what} leaves everything else of the report`, async (t) => {
    const directory = join('/var/tmp', `uc-gdb-${process.pid}-${Date.now()}`);
    mkdirSync(directory);
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const gdb = join(directory, 'gdb');
    if (script !== null) writeFileSync(gdb, script, { mode: 0o755 });
    const collecting = await startCollecting(t, ['--gdb', gdb]);
    const ended = await run(compile('nested', join(collecting.directories.stateDir, 'nested')));
    const { record, text } = await collecting.published(ended.pid);
    assert.match(record.missing['backtrace'] ?? '', reason);
    assert.match(text, /== Backtrace ==\nnot available: .*gdb/);
    assert.ok((record.registers?.length ?? 0) > 10);
    assert.ok((record.maps?.length ?? 0) > 5);
    assert.ok((record.stack?.length ?? 0) > 0);
    assert.equal(record.threads?.length, 1);
    assert.ok(record.quickKey !== null);
  });
}
