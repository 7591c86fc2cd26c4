import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readHistory } from '../../report/read-history.ts';
import { feedClient } from '../client/feed-client.ts';
import { liveCore } from '../client/live-core.ts';
import { readPublished, until } from '../machine/collecting.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';

test('a crash while the server hangs is kept by its client, and is published once when it goes on', async (t) => {
  const crash = await liveCore(t);
  const server = await startTestServer(t, testDirectories(t));
  server.process.kill('SIGSTOP');
  const { exitCode } = await feedClient(server, { ...crash, stream: [crash.stream], isDeferred: true });
  assert.equal(exitCode, 0);
  server.process.kill('SIGCONT');
  const line = await server.logged('report-published');
  const { record } = readPublished(/path=(\S+)/.exec(line)?.[1] ?? '');
  assert.ok(record.collection.notes.some((note) => note.startsWith('collected without the server')));
  const pending = join(server.logDir, '.pending');
  await until('nothing waits', () => readdirSync(pending).every((name) => name.startsWith('.')));
  // Nor does the end of the conversation that never was one make it a lost crash.
  await server.stop();
  const entries = [];
  for await (const { crashId, collected } of readHistory(server.logDir)) entries.push([crashId, collected]);
  assert.deepEqual(entries, [[record.crashId, 'full']]);
  assert.equal(server.log.filter((text) => text.includes('report-published')).length, 1);
});
