import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalysisQueue, type Ran } from '../../server/analysis-queue.ts';
import { Pace } from '../../server/pace.ts';

/** Lets everything happen that needs no time. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('AnalysisQueue starts nothing after there was no room, for longer each time, until something succeeds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const ran: string[] = [];
  let outcome: Ran = 'no room';
  const queue = new AnalysisQueue(
    1,
    (crashId) => {
      ran.push(crashId);
      return Promise.resolve(outcome);
    },
    new Pace(1000),
  );
  queue.add('a');
  queue.add('b');
  await settled();
  assert.deepEqual(ran, ['a']);
  assert.equal(queue.tryTake(), null, 'a fresh crash waits as well');
  for (const [pauseMs, next] of [
    [1_000, 'b'],
    [2_000, 'a'],
    [4_000, 'b'],
  ] as const) {
    t.mock.timers.tick(pauseMs - 1);
    await settled();
    const before = ran.length;
    t.mock.timers.tick(1);
    await settled();
    assert.deepEqual(ran.slice(before), [next]);
  }
  for (let pauses = 0; pauses < 10; pauses += 1) {
    t.mock.timers.tick(60_000);
    await settled();
  }
  assert.equal(ran.length, 14);
  outcome = 'done';
  t.mock.timers.tick(60_000);
  await settled();
  assert.equal(ran.length, 16, 'both are done, the second at once');
  assert.equal(queue.waiting, 0);
  outcome = 'no room';
  queue.add('c');
  await settled();
  t.mock.timers.tick(1_000);
  await settled();
  assert.deepEqual(ran.slice(16), ['c', 'c'], 'the next pause is a short one');
});

test('AnalysisQueue puts a crash whose analysis failed at its end', async () => {
  const ran: string[] = [];
  const queue = new AnalysisQueue(
    1,
    (crashId) => {
      ran.push(crashId);
      return Promise.resolve(ran.length < 3 ? 'again' : 'done');
    },
    new Pace(1000),
  );
  queue.add('a');
  queue.add('b');
  await settled();
  assert.deepEqual(ran, ['a', 'b', 'a', 'b']);
  assert.equal(queue.has('a'), false);
});
