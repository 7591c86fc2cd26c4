import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { policyConstants } from '../../bench/policy-constants.ts';

/** One of each file in which figures were once missed. */
const DECISIVE = [
  ...['MAX_FRAMES', 'MAX_ZERO_RANGES', 'MAX_NAMESPACES', 'LINK_MAP_BYTES', 'BUDGET_BYTES', 'MAX_WHOLE_BYTES'],
  ...['MAX_ALL_REGISTERS', 'MAX_STACKS', 'MIN_CHAIN', 'FITS_NOT'],
];

test('every figure of small cores and of the quick key has its reason above it', () => {
  const constants = policyConstants();
  for (const name of DECISIVE)
    assert.ok(
      constants.some((each) => each.name === name),
      name,
    );
  assert.ok(constants.length > 90, `only ${constants.length} figures were found`);
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
