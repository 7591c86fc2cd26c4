import assert from 'node:assert/strict';
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { bytesOfText } from '../../report/bytes-text.ts';
import { formatHistoryLine, MAX_HISTORY_LINE_BYTES } from '../../report/format-history-line.ts';
import { type HistoryEntry, parseHistoryLine } from '../../report/history.ts';
import { historyCounts } from '../../report/history-counts.ts';
import { instantOf } from '../../report/instant.ts';
import { readHistory } from '../../report/read-history.ts';
import { SAMPLE_AT_US } from './sample-record.ts';

function entryAt(second: number, known: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    at: instantOf(SAMPLE_AT_US + second * 1_000_000, 0),
    boot: 'e7309937c5d44b0d9a1f0a5f6f9d1c22',
    host: 'prod-web-01',
    pid: 4242 + second,
    uid: 1000,
    program: '/usr/bin/app',
    unit: 'app.service',
    signal: 'SIGSEGV',
    quickKey: '0123456789abcdef',
    signature: { text: 'SIGSEGV | process_data | main', hash: 'a1b2c3d4e5f60718' },
    crashId: `e7309937c5d44b0d9a1f0a5f6f9d1c22-4242-1-${second}`,
    slot: 7,
    repeatOf: null,
    collected: 'full',
    reason: null,
    durations: { heldMs: 4.25, analysisMs: 130, publishedMs: 150.125 },
    ...known,
  };
}

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'history-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function secondsIn(source: string | string[]): Promise<{ seconds: number[]; skipped: number }> {
  const reader = readHistory(source);
  const seconds: number[] = [];
  for await (const entry of reader) seconds.push((entry.at.us - SAMPLE_AT_US) / 1_000_000);
  return { seconds, skipped: reader.skipped };
}

test('formatHistoryLine() and parseHistoryLine() give an entry back', () => {
  const bare = Object.fromEntries(Object.keys(entryAt(0)).map((key) => [key, null]));
  for (const entry of [entryAt(1), { ...entryAt(2), ...bare, at: entryAt(2).at, collected: 'repeat' }]) {
    const line = formatHistoryLine(entry);
    assert.doesNotMatch(line, /\n/);
    assert.deepEqual(parseHistoryLine(line), entry);
  }
});

test('formatHistoryLine() stays below 4 KiB whatever the process was called', () => {
  for (const text of [
    'x'.repeat(70_000),
    '\x00'.repeat(70_000),
    '\\xff'.repeat(70_000),
    '🙂"\\\\'.repeat(30_000),
    '\ud800'.repeat(9000),
  ]) {
    const line = formatHistoryLine(
      entryAt(1, {
        ...{ boot: text, host: text, program: text, unit: text, signal: text, quickKey: text },
        ...{ signature: { text, hash: text }, crashId: text, repeatOf: text, collected: text, reason: text },
        at: { iso: text, us: Number.MAX_SAFE_INTEGER },
        durations: { heldMs: Math.PI * 1e9, analysisMs: 1 / 3, publishedMs: 1e15 / 7 },
      }),
    );
    assert.ok(Buffer.byteLength(line) < MAX_HISTORY_LINE_BYTES, `${Buffer.byteLength(line)} bytes`);
    assert.notEqual(parseHistoryLine(line), null);
  }
});

test('formatHistoryLine() keeps the end of a long path, and no half escape', () => {
  const program = parseHistoryLine(
    formatHistoryLine(entryAt(1, { program: `${'\\xff'.repeat(5000)}/bin/app` })),
  )?.program;
  assert.match(program ?? '', /^…(\\xff)+\/bin\/app$/);
  assert.ok(bytesOfText(program ?? '').length > 150);
});

test('readHistory() reads the rotated files from the oldest on', async (t) => {
  const directory = directoryFor(t);
  const write = (name: string, ...seconds: number[]) =>
    writeFileSync(
      join(directory, name),
      seconds.map((second) => `${formatHistoryLine(entryAt(second))}\n`).join(''),
    );
  write('history.2', 1, 2);
  write('history.10', 0);
  write('history.1', 3);
  write('history', 4, 5);
  writeFileSync(join(directory, 'history.bak'), 'nothing of ours');
  mkdirSync(join(directory, 'history.3'));
  assert.deepEqual(await secondsIn(directory), { seconds: [0, 1, 2, 3, 4, 5], skipped: 0 });
  assert.deepEqual((await secondsIn([join(directory, 'history.1'), join(directory, 'none')])).seconds, [3]);
  assert.deepEqual(await secondsIn(join(directory, 'none')), { seconds: [], skipped: 0 });
});

test('readHistory() skips and counts lines that are torn, too long or no entries', async (t) => {
  const path = join(directoryFor(t), 'history');
  const line = formatHistoryLine(entryAt(1));
  const second = formatHistoryLine(entryAt(2));
  writeFileSync(
    path,
    `${line.slice(0, 100)}\n${line}\n\n{}\n[]\n${'x'.repeat(300_000)}\n\xff\0\n${second}\n${line.slice(0, -1)}`,
  );
  assert.deepEqual(await secondsIn([path]), { seconds: [1, 2], skipped: 6 });
});

test('readHistory() takes an end cut at any length for nothing or for the whole line', async (t) => {
  const path = join(directoryFor(t), 'history');
  const line = formatHistoryLine(entryAt(2));
  for (let length = 0; length <= line.length; length += 7) {
    writeFileSync(path, `${formatHistoryLine(entryAt(1))}\n${line.slice(0, length)}`);
    const { seconds, skipped } = await secondsIn([path]);
    assert.deepEqual([seconds, skipped], [[1], length === 0 ? 0 : 1]);
  }
  appendFileSync(path, line.slice(line.length - (line.length % 7)));
  assert.deepEqual((await secondsIn([path])).seconds, [1, 2]);
});

test('readHistory() reads every entry once while the server rotates', async (t) => {
  const directory = directoryFor(t);
  const path = join(directory, 'history');
  const lines = Array.from({ length: 400 }, (_, second) => `${formatHistoryLine(entryAt(second))}\n`);
  writeFileSync(path, lines.slice(0, 200).join(''));
  const seconds: number[] = [];
  for await (const entry of readHistory(directory)) {
    if (seconds.length === 0) {
      renameSync(path, `${path}.1`);
      writeFileSync(path, lines.slice(200).join(''));
    }
    seconds.push(entry.pid ?? 0);
  }
  assert.equal(new Set(seconds).size, seconds.length);
  assert.equal(seconds.length, 200);
});

test('readHistory() reads a file once that was rotated between two opens', async (t) => {
  const directory = directoryFor(t);
  writeFileSync(join(directory, 'history.1'), `${formatHistoryLine(entryAt(1))}\n`);
  // What the reader sees: it has opened `history`, and finds the same file again as `history.1`.
  linkSync(join(directory, 'history.1'), join(directory, 'history'));
  writeFileSync(join(directory, 'history.2'), `${formatHistoryLine(entryAt(0))}\n`);
  assert.deepEqual((await secondsIn(directory)).seconds, [0, 1]);
});

test('readHistory() tells every crash once, as its last line does, over all files', async (t) => {
  const directory = directoryFor(t);
  const lines = (...entries: HistoryEntry[]) =>
    entries.map((entry) => `${formatHistoryLine(entry)}\n`).join('');
  const waiting = entryAt(1, { collected: 'pending', slot: null, reason: 'analysis failed' });
  const lost = entryAt(2, { collected: 'not collected', slot: null });
  // What a program calls itself must not look like another crash's id.
  const forged = entryAt(4, { program: `","crashId":"${entryAt(3).crashId}"` });
  writeFileSync(join(directory, 'history.1'), lines(waiting, lost, entryAt(3), forged));
  writeFileSync(
    join(directory, 'history'),
    lines(
      entryAt(2),
      { ...entryAt(5), crashId: null },
      waiting,
      { ...entryAt(5), crashId: null },
      entryAt(1),
    ),
  );
  const told: [number, string][] = [];
  for await (const entry of readHistory(directory)) {
    told.push([(entry.at.us - SAMPLE_AT_US) / 1_000_000, entry.collected]);
  }
  assert.deepEqual(told, [
    [3, 'full'],
    [4, 'full'],
    [2, 'full'],
    [5, 'full'],
    [5, 'full'],
    [1, 'full'],
  ]);
});

test('readHistory() does not lose a crash whose later line is torn', async (t) => {
  const path = join(directoryFor(t), 'history');
  const waiting = formatHistoryLine(entryAt(1, { collected: 'pending', slot: null }));
  const whole = formatHistoryLine(entryAt(1));
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(path, `${waiting}\n${whole.slice(0, length)}`);
    assert.deepEqual((await secondsIn([path])).seconds, [1], `cut at ${length}`);
  }
});

test('historyCounts() counts crashes by quick key, and a crash with two lines once', async () => {
  const counts = await historyCounts([
    entryAt(5, { collected: 'pending', slot: null }),
    entryAt(1, { slot: 3 }),
    entryAt(5, { slot: 4 }),
    entryAt(9, { slot: null, collected: 'repeat' }),
    entryAt(6, { quickKey: 'ffffffffffffffff', slot: null }),
    entryAt(7, { quickKey: null }),
  ]);
  assert.deepEqual([...counts.keys()], ['0123456789abcdef', 'ffffffffffffffff']);
  assert.deepEqual(counts.get('0123456789abcdef'), {
    count: 3,
    first: entryAt(1).at,
    last: entryAt(9).at,
    lastReport: { slot: 4, crashId: entryAt(5).crashId },
  });
  assert.equal(counts.get('ffffffffffffffff')?.lastReport, null);
});
