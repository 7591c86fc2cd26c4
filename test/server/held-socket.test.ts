import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SERVER_SOCKET } from '../../protocol/conversation.ts';
import { ServerConnection } from '../../protocol/server-connection.ts';
import { until } from '../machine/collecting.ts';
import { testDirectories, testEvent } from './test-server.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/usercrash-server.ts');
const ANSWER_LIMIT_MS = 30_000;

/** systemd's own tool: it holds the socket, and becomes the server when somebody connects. */
async function socketHeldBySystemd(t: TestContext): Promise<{ path: string; ended: Promise<number | null> }> {
  const { logDir, runDir, stateDir } = testDirectories(t);
  mkdirSync(runDir, { mode: 0o700 });
  const path = join(runDir, SERVER_SOCKET);
  const env = { USERCRASH_LOG_DIR: logDir, USERCRASH_RUN_DIR: runDir, USERCRASH_STATE_DIR: stateDir };
  const passed = Object.entries(env).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
  const held = spawn(
    'systemd-socket-activate',
    ['--seqpacket', '-l', path, ...passed, process.execPath, PROGRAM],
    { stdio: 'ignore' },
  );
  const ended = new Promise<number | null>((resolve) => held.once('exit', resolve));
  t.after(async () => {
    held.kill('SIGTERM');
    await ended;
  });
  await until('the socket is there', () => existsSync(path));
  return { path, ended };
}

test('server: takes over a socket that systemd holds, with who has connected before, and leaves it when it ends', async (t) => {
  const { path } = await socketHeldBySystemd(t);
  const [one, other] = [ServerConnection.open(path, 1000), ServerConnection.open(path, 1000)];
  t.after(() => [one, other].forEach((connection) => void connection.close()));
  for (const connection of [one, other]) {
    connection.send('crashEvent', testEvent({ quickKey: String(connection.fd).padStart(16, '0') }));
    const { name } = connection.receive(['reportGranted'], ANSWER_LIMIT_MS);
    assert.equal(name, 'reportGranted');
  }
  assert.ok(existsSync(path));
});
