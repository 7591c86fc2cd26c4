import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnalysisQueue } from '../../server/analysis-queue.ts';
import { Pace } from '../../server/pace.ts';

test('Pace lets so many begin in any minute', () => {
  let nowMs = 500;
  const pace = new Pace(3, () => nowMs);
  const begun: number[] = [];
  for (; nowMs < 150_000; nowMs += 1000) if (pace.tryTake()) begun.push(nowMs);
  assert.deepEqual(begun, [500, 1500, 2500, 60_500, 61_500, 62_500, 120_500, 121_500, 122_500]);
});

test('Pace says how long until the next may begin', () => {
  let nowMs = 0;
  const pace = new Pace(2, () => nowMs);
  pace.tryTake();
  nowMs = 10_000;
  assert.equal(pace.waitMs, 0);
  pace.tryTake();
  assert.equal(pace.waitMs, 50_000);
  nowMs = 60_000;
  assert.equal(pace.waitMs, 0);
});

test('AnalysisQueue defers what is over the pace, loses none of it, and keeps to the pace', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const ran: string[] = [];
  const run = (crashId: string) => {
    ran.push(crashId);
    return Promise.resolve('done' as const);
  };
  const queue = new AnalysisQueue(10, run, new Pace(3, () => Date.now()));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  for (let fresh = 0; fresh < 2; fresh += 1) assert.notEqual(queue.tryTake(), null);
  for (let number = 0; number < 5; number += 1) queue.add(String(number));
  await settled();
  assert.deepEqual(ran, ['0']);
  assert.equal(queue.tryTake(), null);
  assert.equal(queue.waiting, 4);
  t.mock.timers.tick(59_999);
  await settled();
  assert.deepEqual(ran, ['0']);
  t.mock.timers.tick(1);
  await settled();
  assert.deepEqual(ran, ['0', '1', '2', '3']);
  t.mock.timers.tick(60_000);
  await settled();
  assert.deepEqual(ran, ['0', '1', '2', '3', '4']);
});
