import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { policyConstants } from '../../bench/policy-constants.ts';

test('every figure of the small core has its reason above it, and bench/policy changes it', () => {
  const constants = policyConstants();
  assert.ok(constants.length > 60, `only ${constants.length} figures were found`);
  const without = constants.filter(({ file, name }) => !hasReason(file, name));
  assert.deepEqual(without, []);
});

/** A comment, which figures that stand together share; of a policy's field that, or the one of its object. */
function hasReason(file: string, name: string): boolean {
  const lines = readFileSync(join(import.meta.dirname, '../../capture', file), 'utf8').split('\n');
  const [object = ''] = name.split(/[.[]/);
  let at = lines.findIndex((line) => new RegExp(`^(?:export )?const ${object}\\b`).test(line)) - 1;
  while (/^(?:export )?const /.test(lines[at] ?? '')) at -= 1;
  return /\*\/$/.test(lines[at] ?? '');
}
