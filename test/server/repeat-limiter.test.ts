import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatLimiter } from '../../server/repeat-limiter.ts';
import { randomFrom } from '../random.ts';

const LIMITS = { pauseMs: 10_000, perHour: 5 };
const HOUR_S = 3600;
let made = 0;

/** A crash at so many seconds. */
function crashAt(seconds: number, key = 1) {
  made += 1;
  const quickKey = key.toString(16).padStart(16, '0');
  return { crashId: `crash-${made}`, quickKey, atUs: 1e15 + seconds * 1e6 };
}

test('RepeatLimiter grants a crash at most one report every ten seconds and five an hour', () => {
  const limiter = new RepeatLimiter(LIMITS);
  const granted: number[] = [];
  for (let second = 0; second < 2 * HOUR_S; second += 1) {
    if (limiter.admit(crashAt(second)) === null) granted.push(second);
  }
  assert.deepEqual(granted, [0, 10, 20, 30, 40, 3600, 3610, 3620, 3630, 3640]);
});

test('RepeatLimiter names the crash that has the report, and says for how long it will', () => {
  const limiter = new RepeatLimiter(LIMITS);
  const first = crashAt(0);
  assert.equal(limiter.admit(first), null);
  assert.deepEqual(limiter.admit(crashAt(1)), { of: first.crashId, notBeforeMs: 9000 });
  assert.deepEqual(limiter.admit(crashAt(9)), { of: first.crashId, notBeforeMs: 1000 });
  let last = first;
  for (const second of [10, 20, 30, 40]) {
    last = crashAt(second);
    assert.equal(limiter.admit(last), null);
  }
  assert.deepEqual(limiter.admit(crashAt(100)), { of: last.crashId, notBeforeMs: 3_500_000 });
});

test('RepeatLimiter knows what it has granted, and takes it back', () => {
  const limiter = new RepeatLimiter(LIMITS);
  const [first, second] = [crashAt(0), crashAt(1)];
  limiter.admit(first);
  assert.equal(limiter.admit(first), null, 'the same crash again');
  assert.notEqual(limiter.admit(second), null);
  limiter.takeBack(first);
  assert.equal(limiter.admit(second), null);
  assert.notEqual(limiter.admit(first), null, 'it comes after all, and another has the report');
});

test('RepeatLimiter takes other keys, and crashes without a key, for news', () => {
  const limiter = new RepeatLimiter(LIMITS);
  for (let key = 0; key < 100; key += 1) assert.equal(limiter.admit(crashAt(0, key)), null);
  for (const quickKey of ['', '0123', 'x'.repeat(16), `${'0'.repeat(16)}\n`]) {
    for (let count = 0; count < 3; count += 1) {
      assert.equal(limiter.admit({ ...crashAt(0), quickKey }), null);
    }
  }
});

test('RepeatLimiter judges crashes that come out of order as it would have in time', () => {
  const limiter = new RepeatLimiter(LIMITS);
  limiter.admit(crashAt(100));
  assert.notEqual(limiter.admit(crashAt(95)), null, 'five seconds before one that has a report');
  assert.equal(limiter.admit(crashAt(-3 * HOUR_S)), null, 'it waited while no server ran');
  assert.equal(limiter.admit(crashAt(5 * HOUR_S)), null, 'the clock was set forward');
  assert.equal(limiter.admit(crashAt(2 * HOUR_S)), null, 'and back');
});

test('RepeatLimiter told what was granted by another decides as that one would', () => {
  const random = randomFrom(7);
  const [one, other] = [new RepeatLimiter(LIMITS), new RepeatLimiter(LIMITS)];
  let second = 0;
  for (let count = 0; count < 5000; count += 1) {
    second += random(40);
    const crash = crashAt(second, random(5));
    const decision = one.admit(crash);
    if (count < 2500) {
      if (decision === null) other.remember(crash);
    } else assert.deepEqual(other.admit(crash), decision);
  }
});

test('RepeatLimiter forgets the kind that was seen longest ago when there are too many', () => {
  const limiter = new RepeatLimiter(LIMITS);
  limiter.admit(crashAt(0, 0));
  limiter.admit(crashAt(0, 1));
  for (let key = 2; key <= 4096; key += 1) {
    limiter.admit(crashAt(1, key));
    assert.notEqual(limiter.admit(crashAt(1, 0)), null);
  }
  assert.equal(limiter.admit(crashAt(2, 1)), null);
});
