import assert from 'node:assert/strict';
import { SECTIONS } from '../../report/record.ts';
import type { Published } from './collecting.ts';

/** No section of an ordinary program's report says that it is not there. */
export function assertWhole({ text, record }: Published): void {
  const missing = SECTIONS.filter((name) => record.missing[name] !== undefined);
  assert.deepEqual(missing, [], JSON.stringify(record.missing));
  assert.doesNotMatch(text, /not available/);
  assert.match(text, /== End of report ==\n$/);
}
