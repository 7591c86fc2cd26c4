import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenDescriptors } from '../../systemd/listen-descriptors.ts';

test('listenDescriptors() counts from 3, in the order of the names', () => {
  const env = { LISTEN_PID: '42', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a.socket:b.socket' };
  assert.deepEqual(listenDescriptors(env, 42), [
    { fd: 3, name: 'a.socket' },
    { fd: 4, name: 'b.socket' },
  ]);
});

test('listenDescriptors() has none that are meant for another process, and none without a manager', () => {
  assert.deepEqual(listenDescriptors({ LISTEN_PID: '41', LISTEN_FDS: '1' }, 42), []);
  assert.deepEqual(listenDescriptors({}, 42), []);
  assert.deepEqual(listenDescriptors({ LISTEN_PID: '42', LISTEN_FDS: 'many' }, 42), []);
});
