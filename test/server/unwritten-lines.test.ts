import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { begin, close, report } from './client-side.ts';
import { smallFileSystem } from './small-file-system.ts';
import { startTestServer, testEvent } from './test-server.ts';

test('server: history lines for which there was no room are written when there is', async (t) => {
  const disk = smallFileSystem(t, 'size=256k,nr_inodes=100');
  const path = join(disk.directories.logDir, 'history');
  // A whole page: the next byte needs another.
  writeFileSync(path, `${'x'.repeat(4095)}\n`);
  const server = await startTestServer(t, disk.directories);
  const events = [testEvent(), testEvent(), testEvent()];
  const [first, second, third] = events;
  assert.ok(first && second && third);
  const connections = [first, second].map((event) => {
    const connection = server.connect();
    close(begin(connection, event));
    return connection;
  });
  disk.fill();
  for (const connection of connections) {
    connection.send('aborted', { reason: 'the process vanished', noRoom: false });
    connection.close();
  }
  await server.logged(`history-failed crashId=${second.crashId}`);
  disk.free();
  report(server, 'x', third);
  const crashes = readFileSync(path, 'utf8').split('\n').slice(1, -1);
  assert.deepEqual(
    crashes.map((line) => JSON.parse(line).crashId),
    events.map(({ crashId }) => crashId),
  );
});
