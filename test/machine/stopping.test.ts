import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Collecting, pendingNames, run, startCollecting, until } from './collecting.ts';
import { collectingWithGate } from './gated-gdb.ts';
import { compile } from './programs.ts';
import { processWith, residentOf } from './resident-client.ts';

function storedIn(collecting: Collecting): number {
  return pendingNames(collecting).filter((name) => name.endsWith('.captured')).length;
}

/** All that is begun has this long after SIGTERM: server/main.ts. */
const STOP_LIMIT_MS = 20_000;

test('SIGTERM lets the resident client hand over what it has, and starts nothing that waits', async (t) => {
  const { collecting, gdb, program } = await collectingWithGate(t, ['--analyses', '1']);
  const first = await run(program);
  await gdb.started(1);
  const second = await run(program);
  await until('both are stored', () => storedIn(collecting) === 2);
  const { server } = collecting;
  const ended = server.stop();
  await server.logged(' stopping ');
  await new Promise((resolve) => setTimeout(resolve, 500));
  gdb.open();
  assert.equal(await ended, 0);
  const log = server.log.join('\n');
  assert.match(log, new RegExp(`report-published .*-${first.pid}-`));
  assert.doesNotMatch(log, /analysis-failed|analysis-abandoned/);
  assert.ok(pendingNames(collecting).every((name) => name.includes(`-${second.pid}-`)));
  await collecting.restart();
  const { record } = await collecting.published(second.pid);
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
});

test('SIGTERM ends within its limit, whatever gdb does, and loses nothing', async (t) => {
  const directory = join('/var/tmp', `uc-drip-${process.pid}-${Date.now()}`);
  mkdirSync(directory);
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const gdb = join(directory, 'gdb');
  // Answers every command, so that no limit of a single one helps, and far too slowly.
  const script = `#!/bin/bash
printf '~"GNU gdb 1"\\n(gdb) \\n'
while read -r line; do sleep 0.7; printf '%s^done\\n(gdb) \\n' "\${line%%[!0-9]*}"; done
`;
  writeFileSync(gdb, script, { mode: 0o755 });
  const collecting = await startCollecting(t, ['--gdb', gdb, '--analyses', '2']);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const pids = [(await run(program)).pid];
  // The first makes room for a deferred one while the second has still to be waited for.
  await new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS / 2));
  for (let crashes = 0; crashes < 3; crashes += 1) pids.push((await run(program)).pid);
  await until('all are stored', () => storedIn(collecting) === 4);
  const startedMs = Date.now();
  assert.equal(await collecting.server.stop(), 0);
  const tookMs = Date.now() - startedMs;
  assert.ok(tookMs < STOP_LIMIT_MS + 1_000, `${tookMs} ms\n${collecting.server.log.join('\n')}`);
  assert.doesNotMatch(collecting.server.log.join('\n'), /analysis-failed|not-collected/);
  const published = collecting.server.log.filter((line) => line.includes('report-published'));
  await collecting.restart([]);
  for (const pid of pids) {
    if (!published.some((line) => line.includes(`-${pid}-`))) await collecting.published(pid);
  }
});

test('SIGTERM, as a shutdown sends it to all, leaves the client of a crash the time to store it, and no more', async (t) => {
  const collecting = await startCollecting(t);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const resident = await residentOf(collecting);
  // It accepts connections and answers none: the client waits for it a second before it keeps the crash itself.
  collecting.server.process.kill('SIGSTOP');
  process.kill(resident, 'SIGKILL');
  const { pid } = await run(program);
  const client = processWith(`\0${collecting.directories.runDir}\0${pid}\0`);
  process.kill(client, 'SIGTERM');
  await until('the client has ended', () => !existsSync(`/proc/${client}`));
  const kept = pendingNames(collecting).map((name) => name.slice(name.indexOf('.')));
  assert.deepEqual(kept.sort(), ['.captured', '.core.zst', '.event']);
  collecting.server.process.kill('SIGCONT');
  await collecting.published(pid);
});
