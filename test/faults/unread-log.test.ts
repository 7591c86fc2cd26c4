import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newPipe } from '../../linux/pipe.ts';
import { SERVER_SOCKET } from '../../protocol/conversation.ts';
import { ServerConnection } from '../../protocol/server-connection.ts';
import { until } from '../machine/collecting.ts';
import { begin, COMPLETED, close, fill, historyLines } from '../server/client-side.ts';
import { type TestDirectories, testDirectories, testEvent } from '../server/test-server.ts';
import { WITHOUT_LIMITS } from '../without-limits.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/usercrash-server.ts');
/** More lines than the 208 KiB of a socket and the 128 KiB of the server hold. */
const LINES = 4_000;

/** A server whose log goes where nobody reads it: to a journald that hangs. */
function serverWithLog(t: TestContext, directories: TestDirectories, log: number | 'pipe') {
  const server = spawn(process.execPath, [PROGRAM, ...WITHOUT_LIMITS], {
    stdio: ['ignore', 'ignore', log],
    env: {
      PATH: process.env['PATH'],
      USERCRASH_LOG_DIR: directories.logDir,
      USERCRASH_RUN_DIR: directories.runDir,
      USERCRASH_STATE_DIR: directories.stateDir,
    },
  });
  t.after(() => server.kill('SIGKILL'));
  return server;
}

for (const what of ['socket', 'pipe']) {
  test(`server: a log that nobody reads any more keeps nothing from being done, ${what}`, async (t) => {
    const directories = testDirectories(t);
    const { read, write } = newPipe();
    t.after(() => closeSync(read));
    // Node's own 'pipe' is a socket, as journald's is.
    const server = serverWithLog(t, directories, what === 'pipe' ? write : 'pipe');
    closeSync(write);
    const connect = () => ServerConnection.open(join(directories.runDir, SERVER_SOCKET), 5_000);
    await until('it listens', () => {
      try {
        connect().close();
        return true;
      } catch {
        return false;
      }
    });
    const refused = () => {
      const connection = connect();
      connection.send('resumeAnalysis', { crashId: 'none' });
      assert.throws(() => connection.receive(['reportGranted'], 5_000), /crash_id is none/);
      connection.close();
    };
    // Each is a line in the log.
    for (let line = 0; line < LINES; line += 1) refused();
    const connection = connect();
    const descriptors = begin(connection, testEvent());
    fill(descriptors, 'x');
    connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
    connection.receive(['analysisGranted'], 5_000);
    connection.send('completed', COMPLETED);
    connection.receive(['published'], 5_000);
    close(descriptors);
    connection.close();
    assert.equal(historyLines(directories).length, 1);
    if (server.stderr === null) return;
    // Somebody reads again.
    let log = '';
    server.stderr.on('data', (bytes) => {
      log += bytes;
    });
    await until('the log goes on, and says what is missing', () => {
      refused();
      return / lostBefore=\d+/.test(log);
    });
  });
}
