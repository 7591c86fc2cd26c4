import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { begin, COMPLETED, close, fill, report } from './client-side.ts';
import { startTestServer, type TestServer, testDirectories, testEvent } from './test-server.ts';

/** Says Captured with a descriptor for each of the files, which are deleted then. */
function capturedWith(server: TestServer, event: ReturnType<typeof testEvent>, names: readonly string[]) {
  const connection = server.connect();
  const descriptors = begin(connection, event);
  fill(descriptors, 'x');
  const paths = names.map((name) => join(server.runDir, name));
  for (const path of paths) writeFileSync(path, `content of ${path.slice(server.runDir.length + 1)}`);
  const fds = paths.map((path) => openSync(path, 'r'));
  for (const path of paths) rmSync(path);
  const files = names.map((_, index) => ({
    module: index + 5,
    mayBlock: index === 1,
    onlyHere: true,
    place: '',
  }));
  connection.send('captured', { coreBytes: 10, heldMs: 1, files }, fds);
  const { name } = connection.receive(['analysisGranted', 'analysisDeferred'], 5_000);
  close([...descriptors, ...fds]);
  return { name, connection };
}

const openCount = (server: TestServer) => readdirSync(`/proc/${server.process.pid}/fd`).length;

/** What an idle server has open: what it closes after the last report is closed. */
async function idleCount(server: TestServer): Promise<number> {
  report(server, 'warm up');
  for (let same = 0, last = -1; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const count = openCount(server);
    same = count === last ? same + 1 : 0;
    last = count;
    if (same === 10) return count;
  }
}

/** The server closes what it does not need a moment after its answer. */
async function settles(server: TestServer, count: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (openCount(server) !== count && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(openCount(server), count);
}

test('server: whoever analyses a deferred crash gets the very files of its modules', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: ['--analyses', '1'] });
  const before = await idleCount(server);
  const first = capturedWith(server, testEvent(), ['app']);
  assert.equal(first.name, 'analysisGranted');
  const event = testEvent();
  const second = capturedWith(server, event, ['app', 'lib']);
  assert.equal(second.name, 'analysisDeferred');
  second.connection.close();
  const resumed = server.connect();
  resumed.send('resumeAnalysis', { crashId: event.crashId });
  const { descriptors } = resumed.receive(['reportGranted'], 5_000);
  const granted = resumed.receive(['analysisGranted'], 5_000);
  assert.deepEqual(
    granted.value.files.map(({ module, mayBlock, onlyHere }) => [module, mayBlock, onlyHere]),
    [
      [5, false, true],
      [6, true, true],
    ],
  );
  assert.deepEqual(
    granted.descriptors.map((fd) => readFileSync(`/proc/self/fd/${fd}`, 'utf8')),
    ['content of app', 'content of lib'],
  );
  fill(descriptors, 'later');
  for (const connection of [resumed, first.connection]) {
    connection.send('completed', COMPLETED);
    connection.receive(['published'], 5_000);
    connection.close();
  }
  close([...descriptors, ...granted.descriptors]);
  await settles(server, before);
});

test('server: descriptors that nobody asked for are closed', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const before = await idleCount(server);
  const fd = openSync('/dev/null', 'r');
  const many = Array.from({ length: 253 }, () => fd);
  const event = testEvent();
  const connection = server.connect();
  connection.send('crashEvent', event, many);
  const { descriptors } = connection.receive(['reportGranted'], 5_000);
  fill(descriptors, 'x');
  // More than it speaks of.
  const files = [{ module: 0, mayBlock: false, onlyHere: false, place: '' }];
  connection.send('captured', { coreBytes: 10, heldMs: 1, files }, many);
  connection.receive(['analysisGranted'], 5_000);
  await settles(server, before + 6);
  connection.send('completed', COMPLETED, many);
  connection.receive(['published'], 5_000);
  close(descriptors);
  connection.close();
  // Fewer than it speaks of; and a client that goes away with what it has brought.
  const other = capturedWith(server, testEvent(), []);
  other.connection.send('aborted', { reason: 'x', noRoom: false }, many);
  other.connection.close();
  await server.logged('analysis-given-up');
  closeSync(fd);
  await settles(server, before);
});
