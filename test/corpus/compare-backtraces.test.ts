import assert from 'node:assert/strict';
import test from 'node:test';
import { compareBacktraces } from './compare-backtraces.ts';

const FULL = `Thread 2 (LWP 11):
#0  0x1 in wait () at a.c:3
No locals.
#1  work (argument=0x5) at a.c:9
        count = 3
        count = 4

Thread 1 (LWP 10):
#0  fail (why=0x2 "text") at a.c:20
        i = 1

@@ table[5]
7
`;

/** What differs, as `thread level what`. */
function differencesOf(small: string): string[] {
  return compareBacktraces(small, FULL).differences.map(
    ({ thread, level, what }) => `${thread} ${level} ${what}`,
  );
}

test('compareBacktraces() finds nothing where both are the same', () => {
  assert.deepEqual(compareBacktraces(FULL, FULL), { threads: 2, frames: 3, locals: 4, differences: [] });
});

test('compareBacktraces() sees what only the full core has', () => {
  assert.deepEqual(differencesOf(FULL.replace(/Thread 2.*?\n\n/s, '')).slice(-2), ['2 1 title', '2 1 end']);
  assert.deepEqual(differencesOf(FULL.replace('        i = 1\n', '')), ['1 0 i']);
  assert.deepEqual(differencesOf(FULL.replace('        count = 4\n', '')), ['2 1 count (2)']);
  assert.deepEqual(differencesOf(FULL.replace(/\n@@.*/s, '')), ['1 0 table[5]']);
});

test('compareBacktraces() sees what only the small core has', () => {
  const extraThread = `Thread 3 (LWP 12):\n#0  0x1 in wait () at a.c:3\nNo locals.\n\n${FULL}`;
  assert.deepEqual(differencesOf(extraThread), ['3 0 frame', '3 0 title', '3 0 end']);
  assert.deepEqual(differencesOf(FULL.replace('        i = 1\n', '        i = 1\n        j = 2\n')), [
    '1 0 j',
  ]);
  assert.deepEqual(differencesOf(FULL.replace('        i = 1\n', '        i = 1\n#1  0x0 in ?? ()\n')), [
    '1 1 frame',
    '1 1 end',
  ]);
});

test('compareBacktraces() sees threads in another order, values, and what gdb says besides', () => {
  assert.deepEqual(differencesOf(FULL.replace('Thread 2 (', 'Thread 3 (')), ['2 1 title']);
  assert.deepEqual(differencesOf(FULL.replace('i = 1', 'i = 2')), ['1 0 i']);
  assert.deepEqual(differencesOf(FULL.replace('i = 1', 'i = 1\nBacktrace stopped: oops')), ['1 0 end']);
});
