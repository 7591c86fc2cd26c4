import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KnownRepeats } from '../../client/known-repeats.ts';

test('KnownRepeats believes a refusal as long as it says, and for a minute at most', () => {
  let nowMs = 0;
  const repeats = new KnownRepeats(() => nowMs);
  assert.equal(repeats.of('a'), null);
  repeats.learn({ quickKey: 'a', of: 'one', notBeforeMs: 5_000 });
  repeats.learn({ quickKey: 'b', of: 'two', notBeforeMs: 3_000_000 });
  nowMs = 4_999;
  assert.deepEqual([repeats.of('a'), repeats.of('b'), repeats.of('c')], ['one', 'two', null]);
  nowMs = 5_000;
  assert.deepEqual([repeats.of('a'), repeats.of('b')], [null, 'two']);
  nowMs = 60_000;
  assert.equal(repeats.of('b'), null);
});

test('KnownRepeats forgets the oldest where there are too many', () => {
  const repeats = new KnownRepeats(() => 0);
  for (let key = 0; key <= 1024; key += 1) {
    repeats.learn({ quickKey: String(key), of: 'x', notBeforeMs: 1_000 });
  }
  assert.deepEqual([repeats.of('0'), repeats.of('1')], [null, 'x']);
});
