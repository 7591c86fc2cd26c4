import assert from 'node:assert/strict';
import { type MiValue, parseMiLine } from '../../../analysis/gdb/parse-mi.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const MAX_DEPTH = 40;
const KINDS = new Set(['result', 'async', 'stream', 'prompt']);

/** What gdb prints, line by line. */
export const gdbLines: FuzzTarget = {
  name: 'gdb-lines',
  check(input) {
    for (const line of input.toString('latin1').split('\n')) {
      const record = parseMiLine(line);
      if (record === null) continue;
      assert.ok(KINDS.has(record.kind));
      if (record.kind === 'result' || record.kind === 'async') assertValue(record.results, 0);
      if (record.kind === 'result') assert.ok(record.token === null || Number.isSafeInteger(record.token));
    }
  },
};

function assertValue(value: MiValue, depth: number): void {
  assert.ok(depth <= MAX_DEPTH);
  if (typeof value === 'string') return;
  const inner = value instanceof Map ? value.values() : value;
  for (const item of inner) assertValue(item, depth + 1);
}
