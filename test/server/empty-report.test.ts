import assert from 'node:assert/strict';
import { existsSync, ftruncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeMessage } from '../../protocol/codec.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { begin, COMPLETED, close, fill } from './client-side.ts';
import { startTestServer, testDirectories, testEvent } from './test-server.ts';

for (const [empty, index] of [
  ['text', 0],
  ['json', 1],
] as const) {
  test(`server: a report whose ${empty} is empty is none, and its crash is analysed again`, async (t) => {
    const server = await startTestServer(t, testDirectories(t));
    const event = testEvent();
    const connection = server.connect();
    const descriptors = begin(connection, event);
    fill(descriptors, 'x');
    ftruncateSync(descriptors[index] ?? -1, 0);
    connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
    connection.receive(['analysisGranted'], 5_000);
    connection.send('completed', COMPLETED);
    assert.throws(() => connection.receive(['published'], 5_000), /empty/);
    close(descriptors);
    connection.close();
    await server.logged('analysis-abandoned');
    await server.logged(`analysis-failed crashId=${event.crashId} attempt=1`);
    assert.equal(existsSync(join(server.logDir, 'usercrash_00')), false);
  });
}

test('server: a crash of which nothing was captured is lost', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const connection = server.connect();
  const descriptors = begin(connection, testEvent());
  connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  assert.throws(() => connection.receive(['analysisGranted'], 5_000), /captured record is empty/);
  close(descriptors);
  connection.close();
  assert.match(await server.logged('crash-not-collected'), /captured record is empty/);
});

test('server: a report of no bytes in .pending is analysed again', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const event = testEvent();
  const names = pendingFiles(server.logDir, event.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', event));
  for (const name of ['core', 'captured', 'text'] as const) writeFileSync(names[name], `${name} x`);
  writeFileSync(names.json, '');
  await server.logged(`analysis-failed crashId=${event.crashId} attempt=1`);
  assert.equal(existsSync(join(server.logDir, 'usercrash_00')), false);
  assert.equal(existsSync(names.text), false);
});
