import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { begin, close, fill, report } from '../server/client-side.ts';
import { startTestServer, testDirectories, testEvent } from '../server/test-server.ts';

const NOBODY = 65_534;

/** Files below a directory that somebody may open who is in this group and no other. */
function readable(directory: string, group: string): string[] {
  const ids = ['--reuid', `${NOBODY}`, '--regid', group, '--clear-groups'];
  const files = readdirSync(directory, { withFileTypes: true, recursive: true }).filter((file) =>
    file.isFile(),
  );
  return files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => spawnSync('setpriv', [...ids, 'cat', path], { stdio: 'ignore' }).status === 0)
    .map((path) => path.slice(directory.length + 1))
    .sort();
}

test('other users read no report, no core, no history and nothing that waits; the group reads what is published', async (t) => {
  const directories = testDirectories(t);
  chmodSync(dirname(directories.logDir), 0o755);
  const server = await startTestServer(t, directories, { args: ['--analyses', '1'] });
  report(server, 'published');
  const descriptors = [0, 1].flatMap((place) => {
    const connection = server.connect();
    const granted = begin(connection, testEvent());
    fill(granted, 'of somebody');
    connection.send('captured', { coreBytes: 1, heldMs: 1, files: [] });
    connection.receive([place === 0 ? 'analysisGranted' : 'analysisDeferred'], 5_000);
    return granted;
  });
  assert.ok(readdirSync(join(server.logDir, '.pending')).length >= 3);
  for (const directory of [server.logDir, server.runDir]) {
    assert.ok(readdirSync(directory).length > 1);
    assert.deepEqual(readable(directory, `${NOBODY}`), []);
  }
  const published = ['history', 'usercrash_00', 'usercrash_00.core.zst', 'usercrash_00.json'];
  assert.deepEqual(readable(server.logDir, 'adm'), published);
  assert.deepEqual(readable(server.runDir, 'adm'), []);
  close(descriptors);
});
