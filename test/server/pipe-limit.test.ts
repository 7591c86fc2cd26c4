import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pipeLimit } from '../../server/pipe-limit.ts';

const GIB = 1024 ** 3;

test('pipeLimit() is for what waits, and for what handlers of others take where each crash starts one', () => {
  assert.equal(pipeLimit('core', 24 * GIB), process.arch === 'x64' ? 6144 : 96);
  assert.equal(pipeLimit('core', GIB / 8), process.arch === 'x64' ? 32 : 16);
  assert.equal(pipeLimit('|/lib/systemd/systemd-coredump %P', 24 * GIB), 96);
  assert.equal(pipeLimit('|/lib/systemd/systemd-coredump %P', GIB), 16);
  assert.equal(pipeLimit(null, 24 * GIB), pipeLimit('core', 24 * GIB));
});
