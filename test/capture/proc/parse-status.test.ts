import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseStatus } from '../../../capture/proc/parse-status.ts';
import { damage } from './damage.ts';

test("parseStatus() reads this process's status line by line", () => {
  const bytes = readFileSync('/proc/self/status');
  const lines = parseStatus(bytes);
  assert.equal(lines.length, bytes.toString().trim().split('\n').length);
  assert.match(lines.find((line) => line.name === 'VmRSS')?.value.toString() ?? '', /^\d+ kB$/);
});

test('parseStatus() keeps colons and odd bytes of a name', () => {
  const [first] = parseStatus(Buffer.from('Name:\ta: \xff\\nb\nState:\tS', 'latin1'));
  assert.deepEqual(first, { name: 'Name', value: Buffer.from('a: \xff\\nb', 'latin1') });
});

test('parseStatus() never throws, whatever the damage', () => {
  damage(readFileSync('/proc/self/status'), (damaged) => parseStatus(damaged));
  assert.equal(parseStatus(Buffer.from('A:\tb\n'.repeat(100_000))).length, 256);
});
