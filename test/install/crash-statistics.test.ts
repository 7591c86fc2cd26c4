import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashStatistics } from '../../install/crash-statistics.ts';
import type { HistoryEntry } from '../../report/history.ts';
import { instantOf } from '../../report/instant.ts';

const NOW_US = Date.UTC(2026, 10, 30, 2) * 1000;
const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;
let made = 0;

function crash(ageUs: number, known: Partial<HistoryEntry> = {}): HistoryEntry {
  made += 1;
  return {
    at: instantOf(NOW_US - ageUs, 0),
    ...{ boot: null, host: null, pid: 1, uid: 0, program: '/usr/bin/app', unit: null, signal: 'SIGSEGV' },
    ...{ quickKey: 'a'.repeat(16), signature: null, crashId: String(made), slot: null, repeatOf: null },
    ...{ collected: 'full', reason: null, durations: null },
    ...known,
  };
}

const SIGNATURE = { text: 'SIGSEGV | f | main', hash: 'f'.repeat(16) };

test('crashStatistics() counts the last hour, day and week, and all, by program and kind', async () => {
  const { programs } = await crashStatistics(
    [
      crash(30 * DAY_US),
      crash(3 * DAY_US),
      crash(3 * HOUR_US, { signature: SIGNATURE }),
      crash(MINUTE_US, { collected: 'repeat' }),
      crash(MINUTE_US, { quickKey: 'b'.repeat(16), signal: 'SIGABRT' }),
      crash(MINUTE_US, { program: '/usr/bin/other', quickKey: null }),
    ],
    NOW_US,
  );
  const [app, other] = programs;
  const numbers = ({ lastHour, lastDay, lastWeek, total }: NonNullable<typeof app>['kinds'][number]) => [
    ...[lastHour, lastDay, lastWeek, total],
  ];
  assert.deepEqual(
    programs.map(({ program }) => program),
    ['/usr/bin/app', '/usr/bin/other'],
  );
  assert.deepEqual(app && [app.lastHour, app.lastDay, app.lastWeek, app.total, app.signal], [
    2,
    3,
    4,
    5,
    'SIGSEGV',
  ]);
  assert.deepEqual(app?.kinds.map(numbers), [
    [1, 2, 3, 4],
    [1, 1, 1, 1],
  ]);
  assert.deepEqual(app?.kinds[0]?.signature, SIGNATURE, 'a repeat is of the kind of what it repeats');
  assert.equal(app?.first.us, NOW_US - 30 * DAY_US);
  assert.equal(app?.last.us, NOW_US - MINUTE_US);
  assert.equal(other?.kinds.length, 1);
});

test('crashStatistics() takes different keys of one signature for one kind', async () => {
  const { programs } = await crashStatistics(
    [
      crash(0, { signature: SIGNATURE }),
      crash(0, { quickKey: 'c'.repeat(16), signature: SIGNATURE, signal: 'SIGBUS' }),
    ],
    NOW_US,
  );
  assert.equal(programs[0]?.kinds.length, 1);
  assert.equal(programs[0]?.kinds[0]?.total, 2);
});

test('crashStatistics() counts no gaps, and what a clock that was set has put into the future as new', async () => {
  const { programs, hours } = await crashStatistics(
    [
      crash(-DAY_US),
      crash(0, { collected: 'gap' }),
      crash(0, { collected: 'withdrawn' }),
      crash(23.5 * HOUR_US),
    ],
    NOW_US,
  );
  assert.equal(programs[0]?.total, 2);
  assert.equal(programs[0]?.lastHour, 1);
  assert.deepEqual([hours[0], hours[23], hours.length], [1, 1, 24]);
});

test('crashStatistics() of nothing is nothing', async () => {
  assert.deepEqual(await crashStatistics([], NOW_US), { programs: [], hours: new Array(24).fill(0) });
});
