import assert from 'node:assert/strict';
import test from 'node:test';
import { instantOf, readableInstant } from '../../report/instant.ts';

test('instantOf() keeps microseconds and tells the offset', () => {
  assert.deepEqual(instantOf(1_795_214_157_123_456, 0), {
    iso: '2026-11-20T22:35:57.123456+00:00',
    us: 1_795_214_157_123_456,
  });
  assert.equal(instantOf(1_795_214_157_000_001, 330).iso, '2026-11-21T04:05:57.000001+05:30');
  assert.equal(instantOf(1_795_214_157_000_000, -210).iso, '2026-11-20T19:05:57.000000-03:30');
  assert.equal(Date.parse(instantOf(1_795_214_157_123_456, -210).iso), 1_795_214_157_123);
});

test('instantOf() takes any number', () => {
  assert.deepEqual(instantOf(Number.NaN, 0), instantOf(0, 0));
  assert.deepEqual(instantOf(Number.NEGATIVE_INFINITY, 0), instantOf(0, 0));
  assert.deepEqual(instantOf(1e300, 0), {
    iso: '2255-06-05T23:47:34.740991+00:00',
    us: Number.MAX_SAFE_INTEGER,
  });
});

test("instantOf() takes the machine's offset at that moment, summer and winter", (t) => {
  const before = process.env['TZ'];
  t.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  process.env['TZ'] = 'Europe/Berlin';
  assert.equal(instantOf(Date.UTC(2026, 6, 1) * 1000).iso, '2026-07-01T02:00:00.000000+02:00');
  assert.equal(instantOf(Date.UTC(2026, 0, 1) * 1000).iso, '2026-01-01T01:00:00.000000+01:00');
});

test('readableInstant() parts date, time and offset', () => {
  assert.equal(readableInstant(instantOf(1_795_214_157_123_456, 60)), '2026-11-20 23:35:57.123456 +01:00');
});
