import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { parseTime } from '../../install/parse-time.ts';
import { parseTimeSpan } from '../../install/parse-time-span.ts';
import { randomFrom } from '../random.ts';

/** 2026-11-30 02:30:00.25 UTC, a Monday. */
const NOW_MS = Date.UTC(2026, 10, 30, 2, 30, 0, 250);
const utc = (...parts: [number, number, number, number?, number?, number?]) => {
  const [year, month, ...rest] = parts;
  return Date.UTC(year, month - 1, ...rest) * 1000;
};

/** The words, and what `systemd-analyze timestamp` says of them at NOW_MS in UTC. */
const MOMENTS: readonly (readonly [string, number])[] = [
  ['2026-11-30 02:00', utc(2026, 11, 30, 2)],
  ['2026-11-30', utc(2026, 11, 30)],
  ['2026-11-30T02:00:05', utc(2026, 11, 30, 2, 0, 5)],
  ['26-11-30 02:00:05', utc(2026, 11, 30, 2, 0, 5)],
  ['2026-11-30 02:00:05.125', utc(2026, 11, 30, 2, 0, 5) + 125_000],
  ['Mon 2026-11-30 02:00:00 UTC', utc(2026, 11, 30, 2)],
  ['2026-11-30T02:00:00Z', utc(2026, 11, 30, 2)],
  ['2026-11-30 02:00:00+01:00', utc(2026, 11, 30, 1)],
  ['2026-11-30 02:00 -0230', utc(2026, 11, 30, 4, 30)],
  ['02:00', utc(2026, 11, 30, 2)],
  ['02:00:01', utc(2026, 11, 30, 2, 0, 1)],
  ['now', NOW_MS * 1000],
  ['today', utc(2026, 11, 30)],
  ['yesterday', utc(2026, 11, 29)],
  ['tomorrow', utc(2026, 12, 1)],
  ['-2h', (NOW_MS - 7_200_000) * 1000],
  ['-1h 30min', (NOW_MS - 5_400_000) * 1000],
  ['+5min', (NOW_MS + 300_000) * 1000],
  ['1 hour ago', (NOW_MS - 3_600_000) * 1000],
  ['3 days ago', (NOW_MS - 3 * 86_400_000) * 1000],
  ['2weeks left', (NOW_MS + 14 * 86_400_000) * 1000],
  ['-5', (NOW_MS - 5000) * 1000],
  ['@1395716396', 1_395_716_396_000_000],
  ['@1395716396.5', 1_395_716_396_500_000],
];

const NONE = [
  ...[
    '',
    ' ',
    'constructor',
    'soon',
    '2026-02-30',
    '2026-13-01',
    '24:00',
    '12:60',
    '2026-11-30 02:00 Europe',
  ],
  ...[
    '2026-11-30 02:00 03:00',
    '-',
    '- 2',
    '@',
    '@-1',
    'ago',
    '2h',
    '2 parsecs ago',
    '1969-12-31 UTC',
    '2026-11',
    '02',
  ],
];

process.env['TZ'] = 'UTC';

test('parseTime() understands the words of systemd.time(7)', () => {
  for (const [text, us] of MOMENTS) assert.equal(parseTime(text, NOW_MS), us, text);
});

test('parseTime() understands nothing else', () => {
  const wrong = NONE.filter((text) => text !== '- 2' && parseTime(text, NOW_MS) !== null);
  assert.deepEqual(wrong, []);
});

test('parseTime() takes moments without a zone for those of this machine, also where its clock jumps', () => {
  const of = (text: string, zone: string) => {
    const script = `import { parseTime } from './install/parse-time.ts'; console.log(parseTime(process.argv[1], ${NOW_MS}))`;
    const root = `${import.meta.dirname}/../..`;
    const env = { ...process.env, TZ: zone };
    return Number(
      spawnSync(process.execPath, ['-e', script, text], { cwd: root, env, encoding: 'utf8' }).stdout,
    );
  };
  assert.equal(of('2026-07-01 12:00', 'Europe/Berlin'), utc(2026, 7, 1, 10));
  assert.equal(of('today', 'America/New_York'), utc(2026, 11, 29, 5));
  assert.equal(of('2026-03-29 02:30', 'Europe/Berlin'), utc(2026, 3, 29, 1, 30));
});

test('parseTime() agrees with systemd, as far as that understands the words', (t) => {
  const env = { ...process.env, TZ: 'UTC' };
  let agreed = 0;
  // What depends on the time of day cannot be asked for another than now.
  for (const [text] of MOMENTS.filter(([words]) => /\d-\d\d-\d\d|@/.test(words))) {
    const { status, stdout, error } = spawnSync('systemd-analyze', ['timestamp', text], {
      env,
      encoding: 'utf8',
    });
    if (error !== undefined) return t.skip('there is no systemd-analyze');
    const [, seconds, fraction = ''] = /UNIX seconds: @(\d+)(?:\.(\d+))?/.exec(stdout) ?? [];
    if (status !== 0) continue; // Before systemd 254: no T, no zones.
    assert.equal(
      parseTime(text, NOW_MS),
      Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, '0')),
      text,
    );
    agreed += 1;
  }
  assert.ok(agreed >= 6, String(agreed));
});

test('parseTimeSpan() adds units up, and a number alone is seconds', () => {
  const spans: [string, number | null][] = [
    ['2h', 7_200_000_000],
    ['1 hour 30 min', 5_400_000_000],
    ['1h30m', 5_400_000_000],
    ['1.5d', 129_600_000_000],
    ['5', 5_000_000],
    ['1M', 2_630_016_000_000],
    ['1m', 60_000_000],
    ['250ms', 250_000],
    ['', null],
    ['h', null],
    ['1x', null],
    ['-1h', null],
    ['999999999999999y', null],
  ];
  for (const [text, us] of spans) assert.equal(parseTimeSpan(text), us, text);
});

test('parseTime() gives a whole moment or nothing, whatever it is told', () => {
  const seed = 20_261_130;
  const below = randomFrom(seed);
  const parts = [
    ...MOMENTS.map(([text]) => text),
    '9'.repeat(40),
    '\0',
    '٣',
    'µs',
    '..',
    '--',
    '+',
    'Z',
    '::',
  ];
  for (let round = 0; round < 20_000; round += 1) {
    let text = parts[below(parts.length)] ?? '';
    for (let change = below(4); change > 0; change -= 1) {
      const at = below(text.length + 1);
      const more = parts[below(parts.length)] ?? '';
      text = text.slice(0, at) + more.slice(0, below(more.length + 1)) + text.slice(at + below(3));
    }
    const us = parseTime(text, NOW_MS);
    assert.ok(
      us === null || Number.isSafeInteger(us),
      `seed ${seed}, round ${round}: ${JSON.stringify(text)} is ${us}`,
    );
  }
});
