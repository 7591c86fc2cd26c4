import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { feedClient } from '../client/feed-client.ts';
import { liveCore } from '../client/live-core.ts';
import { until } from '../machine/collecting.ts';
import { begin, close, fill, historyLines } from '../server/client-side.ts';
import { startTestServer, testDirectories, testEvent } from '../server/test-server.ts';
import { cgroupOf } from './cgroup.ts';

test('a crash for whose analysis no process can be started waits until one can', async (t) => {
  const pids = cgroupOf(t, 'pids');
  if (pids === null) return t.skip('no pids controller');
  const directories = testDirectories(t);
  const crash = await liveCore(t);
  const server = await startTestServer(t, directories, { args: ['--analyses', '1'], under: pids.under });
  // Somebody else has the only place.
  const other = server.connect();
  const descriptors = begin(other, testEvent());
  fill(descriptors, 'x');
  other.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  other.receive(['analysisGranted'], 5_000);
  await feedClient(server, { ...crash, stream: [crash.stream], isDeferred: true });
  pids.limit(1);
  close(descriptors);
  other.send('aborted', { reason: 'enough', noRoom: false });
  other.close();
  await server.logged('analysis-not-started');
  await until(
    'it is tried again',
    () => server.log.filter((line) => line.includes('analysis-not-started')).length > 2,
  );
  pids.limit(null);
  const line = await server.logged(`report-published signal=SIGSEGV program=waiting`);
  assert.match(line, new RegExp(`-${crash.pid}-`));
  assert.doesNotMatch(server.log.join('\n'), new RegExp(`analysis-failed.*-${crash.pid}-`));
});

test('a client that is killed for want of memory leaves a line, or a crash that is analysed by another', async (t) => {
  const memory = cgroupOf(t, 'memory');
  if (memory === null) return t.skip('no memory controller');
  const directories = testDirectories(t);
  const crash = await liveCore(t);
  const server = await startTestServer(t, directories);
  let crashes = 0;
  const exits = new Set<string>();
  // From far too little, by steps, to enough.
  for (let mebibytes = 16; mebibytes <= 112; mebibytes += 16) {
    memory.limit(mebibytes * 1024 * 1024);
    const { exitCode } = await feedClient(server, { ...crash, stream: [crash.stream], under: memory.under });
    exits.add(exitCode === null ? 'killed' : `exit ${exitCode}`);
    crashes += 1;
  }
  t.diagnostic(`${crashes} clients: ${[...exits].join(', ')}`);
  assert.ok(exits.has('killed') && exits.has('exit 0'), [...exits].join());
  memory.limit(null);
  const pending = () => readdirSync(join(server.logDir, '.pending')).filter((name) => !name.startsWith('.'));
  await until('nothing waits', () => pending().length === 0);
  // Of one that was killed before it had spoken with the server only the kernel's ledger knows: test/server/ledger.
  const lines = historyLines(server);
  assert.ok(lines.filter(({ collected }) => collected === 'full').length >= 1);
  assert.ok(lines.every(({ collected, reason }) => collected !== 'not collected' || reason !== null));
});
