import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { parseLimits } from '../../../capture/proc/parse-limits.ts';
import { damage } from './damage.ts';

test('parseLimits() reads what prlimit set', () => {
  const bytes = execFileSync('prlimit', [
    '--nofile=100:2000',
    '--core=0:unlimited',
    'cat',
    '/proc/self/limits',
  ]);
  const limits = parseLimits(bytes);
  assert.equal(limits.length, 16);
  assert.deepEqual(
    limits.find(({ name }) => name === 'Max open files'),
    { name: 'Max open files', soft: '100', hard: '2000', units: 'files' },
  );
  assert.deepEqual(
    limits.find(({ name }) => name === 'Max core file size'),
    { name: 'Max core file size', soft: '0', hard: 'unlimited', units: 'bytes' },
  );
  assert.equal(limits.find(({ name }) => name === 'Max nice priority')?.units, '');
});

test('parseLimits() never throws, whatever the damage', () => {
  damage(execFileSync('cat', ['/proc/self/limits']), (damaged) => parseLimits(damaged));
});
