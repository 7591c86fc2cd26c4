import assert from 'node:assert/strict';
import { parseTime } from '../../../install/parse-time.ts';
import { parseTimeSpan } from '../../../install/parse-time-span.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const NOW_MS = Date.UTC(2026, 10, 30, 2, 30, 0, 250);

/** What somebody types for a moment or a span of time: a whole number of microseconds, or nothing. */
export const parseTimes: FuzzTarget = {
  name: 'parse-time',
  check(input) {
    for (const line of input.toString('utf8').split('\n')) {
      for (const us of [parseTime(line, NOW_MS), parseTimeSpan(line)]) {
        assert.ok(us === null || Number.isSafeInteger(us), `${JSON.stringify(line)} is ${us}`);
      }
    }
  },
};
