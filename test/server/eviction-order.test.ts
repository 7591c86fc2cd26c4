import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evictionOrder } from '../../server/eviction-order.ts';
import type { StoredReport } from '../../server/stored-reports.ts';

function report(name: string, atMs: number, fields: Partial<StoredReport> = {}): StoredReport {
  return {
    ...{ slot: atMs, name, bytes: 4096, atMs, crashId: null },
    ...{ quickKey: null, signature: null, waitsForUpload: false },
    ...fields,
  };
}

test('evictionOrder gives up repeats, then older ones of a signature, then the newest, last what waits for upload', () => {
  const a = { quickKey: 'a', signature: 'A' };
  const reports = [
    report('upload', 1, { ...a, waitsForUpload: true }),
    report('alone', 2, { quickKey: 'c', signature: 'C' }),
    report('repeat', 3, a),
    report('other build', 4, { quickKey: 'a2', signature: 'A' }),
    report('second repeat', 5, a),
    report('newest of A', 6, a),
    report('unknown', 7),
    report('also unknown', 8),
  ];
  const order = ['repeat', 'second repeat', 'other build', 'alone', 'newest of A'];
  const names = [...order, 'unknown', 'also unknown', 'upload'];
  assert.deepEqual(
    evictionOrder(reports).map(({ name }) => name),
    names,
  );
  assert.deepEqual(
    evictionOrder(reports.toReversed()).map(({ name }) => name),
    names,
  );
});

test('evictionOrder takes reports of a time to come for older: the clock was set back', () => {
  const reports = [
    report('new', 100),
    report('newest', 101),
    report('of tomorrow', 5000),
    report('too', 5001),
  ];
  assert.deepEqual(
    evictionOrder(reports, 102).map(({ name }) => name),
    ['of tomorrow', 'too', 'new', 'newest'],
  );
});
