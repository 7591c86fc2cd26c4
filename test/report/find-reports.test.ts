import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { findReports } from '../../report/find-reports.ts';

test('findReports() lists the reports, newest first, and passes over whatever else is there', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'find-reports-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const write = (name: string, seconds: number) => {
    writeFileSync(join(directory, name), name);
    utimesSync(join(directory, name), seconds, seconds);
  };
  write('usercrash_07', 100);
  write('usercrash_07.json', 100);
  write('usercrash_07.core.zst', 99);
  write('usercrash_00', 300);
  write('usercrash_123', 200);
  for (const name of [
    'usercrash_7',
    'usercrash_007',
    'usercrash_08.json',
    'usercrash_09~',
    'history',
    'usercrash_',
    'x',
  ]) {
    write(name, 400);
  }
  mkdirSync(join(directory, '.pending'));
  mkdirSync(join(directory, 'usercrash_10'));
  symlinkSync('usercrash_11', join(directory, 'usercrash_11'));
  const found = await findReports(directory);
  assert.deepEqual(
    found.map(({ slot, name }) => [slot, name]),
    [
      [0, 'usercrash_00'],
      [123, 'usercrash_123'],
      [7, 'usercrash_07'],
    ],
  );
  assert.deepEqual(found[2]?.text, { path: join(directory, 'usercrash_07'), bytes: 12, mtimeMs: 100_000 });
  assert.deepEqual(
    [found[2]?.json?.bytes, found[2]?.core?.mtimeMs, found[0]?.json, found[0]?.core],
    [17, 99_000, null, null],
  );
});

test('findReports() finds nothing where there is no directory', async () => {
  assert.deepEqual(await findReports('/nonexistent/usercrashes'), []);
});
