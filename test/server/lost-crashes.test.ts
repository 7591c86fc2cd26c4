import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeMessage } from '../../protocol/codec.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { begin, close, fill, historyLines, report } from './client-side.ts';
import { smallFileSystem } from './small-file-system.ts';
import { startTestServer, testDirectories, testEvent } from './test-server.ts';

/** Longer than the server waits for a client that went on alone. */
const RETRACTED_MS = 13_000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('server: a crash for which there can be no files gets one history line, of its loss or of its report', async (t) => {
  const disk = smallFileSystem(t, 'size=4m,nr_inodes=40');
  const server = await startTestServer(t, disk.directories);
  report(server, 'before');
  disk.takeInodes();
  const events = [testEvent(), testEvent()];
  for (const event of events) {
    const connection = server.connect();
    connection.send('crashEvent', event);
    assert.throws(() => connection.receive(['reportGranted'], 5_000), /ENOSPC/);
    connection.close();
  }
  const [lost, kept] = events;
  assert.ok(lost && kept);
  const refused = await server.logged(lost.crashId);
  assert.match(refused, /client-refused .*program=app signal=SIGSEGV/);
  // The client of the second one has gone on without the server, and finds room.
  disk.free();
  const names = pendingFiles(server.logDir, kept.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', kept));
  for (const name of ['core', 'captured', 'json', 'text'] as const)
    writeFileSync(names[name], `${name} kept`);
  await sleep(RETRACTED_MS);
  const lines = historyLines(server).slice(1);
  assert.deepEqual(
    lines.map(({ crashId, collected, slot }) => [crashId, collected, slot]),
    [
      [kept.crashId, 'full', 1],
      [lost.crashId, 'not collected', null],
    ],
  );
  assert.match(String(lines[1]?.['reason']), /ENOSPC/);
});

test('server: a crash that could only be begun to be stored is lost, and leaves nothing', async (t) => {
  const disk = smallFileSystem(t, 'size=256k,nr_inodes=100');
  const server = await startTestServer(t, disk.directories);
  report(server, 'before');
  const event = testEvent();
  const connection = server.connect();
  const descriptors = begin(connection, event);
  fill(descriptors, 'x');
  disk.fill();
  connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  assert.throws(() => connection.receive(['analysisGranted'], 5_000), /ENOSPC/);
  assert.equal(existsSync(pendingFiles(server.logDir, event.crashId).event), false);
  // What a client that goes on alone on the full disk, and is killed there, leaves.
  writeFileSync(pendingFiles(server.logDir, event.crashId).event, '');
  close(descriptors);
  connection.close();
  await server.logged('crash-not-collected');
  assert.deepEqual(
    historyLines(server).map(({ collected }) => collected),
    ['full', 'not collected'],
  );
});

test('server: a client that says that no report will come settles its own crash and no other', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const [waiting, aborted] = [testEvent(), testEvent()];
  const first = server.connect();
  close(begin(first, waiting));
  first.close();
  const second = server.connect();
  close(begin(second, aborted));
  second.send('aborted', { reason: 'the process vanished', noRoom: false });
  second.close();
  await server.logged('the process vanished');
  assert.deepEqual(
    historyLines(server).map(({ crashId }) => crashId),
    [aborted.crashId],
  );
  // The first one's client was only slow.
  const names = pendingFiles(server.logDir, waiting.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', waiting));
  for (const name of ['core', 'captured', 'json', 'text'] as const) writeFileSync(names[name], `${name} x`);
  await server.logged('report-published');
  await sleep(RETRACTED_MS);
  assert.deepEqual(
    historyLines(server).map(({ crashId, collected }) => [crashId, collected]),
    [
      [aborted.crashId, 'not collected'],
      [waiting.crashId, 'full'],
    ],
  );
});
