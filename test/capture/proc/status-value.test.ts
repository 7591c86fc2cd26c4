import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { statusNumbers, statusValue } from '../../../capture/proc/status-value.ts';

test("statusNumbers() finds the numbers in this process's status", () => {
  const status = readFileSync('/proc/self/status');
  assert.deepEqual(statusNumbers(status, 'Pid'), [process.pid]);
  assert.equal(statusNumbers(status, 'Uid')?.length, 4);
  assert.equal(statusNumbers(status, 'Nothing'), null);
  assert.match(statusValue(status, 'VmRSS') ?? '', /^\d+ kB$/);
});

test('statusValue() believes no process that is called like a line', () => {
  const status = Buffer.from('Name:\tUid:\t7 \xff\\nUid:\t8\nUid:\t1\t2\t3\t4\nX:', 'latin1');
  assert.deepEqual(statusNumbers(status, 'Uid'), [1, 2, 3, 4]);
  assert.equal(statusValue(status, 'Name'), 'Uid:\t7 \xff\\nUid:\t8');
  assert.equal(statusValue(status, 'X'), '');
  assert.equal(statusValue(status, 'id'), null);
});
