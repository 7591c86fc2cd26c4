import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConnectionHandlers } from '../../client/default-handler/connection-handlers.ts';
import { accept4 } from '../../linux/accept4.ts';
import { bind } from '../../linux/bind.ts';
import { connect } from '../../linux/connect.ts';
import { listen } from '../../linux/listen.ts';
import { socket } from '../../linux/socket.ts';

/** More than run and wait at once. */
const CRASHES = 400;

test('ConnectionHandlers lets go of every process, where nothing can be started and where too many wait', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-handlers-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const listener = socket('stream', { nonBlocking: false });
  bind(listener, path);
  listen(listener, CRASHES);
  const open = readdirSync('/proc/self/fd').length;
  const kernels: number[] = [];
  // Beside the sources there is no program to start.
  const handlers = new ConnectionHandlers();
  for (let index = 0; index < CRASHES; index += 1) {
    const kernel = socket('stream', { nonBlocking: false });
    connect(kernel, path);
    kernels.push(kernel);
    const connection = accept4(listener, { nonBlocking: true });
    const read = [Buffer.from('the '), Buffer.from('beginning')];
    handlers.take(connection, openSync('/dev/null', 'r'), { read, words: ['/run', `${index}`] });
  }
  await handlers.stop(10_000);
  for (const kernel of kernels) {
    assert.equal(readSync(kernel, Buffer.alloc(1)), 0);
    closeSync(kernel);
  }
  assert.equal(readdirSync('/proc/self/fd').length, open);
  closeSync(listener);
});
