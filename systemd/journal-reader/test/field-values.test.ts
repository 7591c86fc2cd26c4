import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import {
  type EntryFields,
  ensureJournald,
  startPrivateJournald,
  uniqueWord,
  writeEntry,
} from '../../../test/journald.ts';
import { Journal, type JournalEntry } from '../src/index.ts';

/** Writes an entry into a journald of its own and reads it back. */
async function roundTrip(t: TestContext, fields: EntryFields, limits = {}): Promise<JournalEntry> {
  const journald = await startPrivateJournald(t);
  writeEntry(journald, { ...fields, TEST: 'field-values' });
  await journald.sync();
  using journal = Journal.open({ namespace: journald.namespace, ...limits });
  assert.ok(journal.addMatch('TEST', 'field-values').next());
  return journal.entry();
}

test('every byte value comes back as it was written', async (t) => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const entry = await roundTrip(t, { MESSAGE: all, EMPTY: '', LINES: 'a\nb=c\n' });
  assert.deepEqual(entry.bytes('MESSAGE'), all);
  assert.equal(entry.bytes('EMPTY')?.length, 0);
  assert.equal(entry.text('LINES'), 'a\nb=c\n');
  assert.equal(entry.text('LINES=a\nb'), undefined, 'an equals sign in a value ends no name');
  assert.deepEqual(entry.omitted, []);
});

test('a repeated field comes with all its values, in order', async (t) => {
  const entry = await roundTrip(t, { MESSAGE: 'x', TAG: ['one', 'two', 'three'] });
  assert.deepEqual(entry.all('TAG').map(String).sort(), ['one', 'three', 'two']);
  assert.equal([...entry.fields()].filter(([name]) => name === 'TAG').length, 3);
  assert.ok(['one', 'two', 'three'].includes(entry.text('TAG') ?? ''));
});

test('a large compressed value comes back whole', async (t) => {
  const entry = await roundTrip(t, { MESSAGE: 'x', LARGE: 'abcdefgh'.repeat(20_000) });
  assert.equal(entry.text('LARGE'), 'abcdefgh'.repeat(20_000));
});

for (const [kind, value] of [
  ['compressed', Buffer.from('abcdefgh'.repeat(4000))],
  ['uncompressed', randomBytes(32_000)],
] as const) {
  test(`a ${kind} value over maxFieldBytes is cut, and the entry says so`, async (t) => {
    const entry = await roundTrip(t, { MESSAGE: 'kept', LARGE: value }, { maxFieldBytes: 8000 });
    assert.deepEqual(entry.bytes('LARGE'), value.subarray(0, 8000));
    assert.equal(entry.text('MESSAGE'), 'kept');
    assert.equal(entry.omitted.length, 1);
    assert.match(entry.omitted[0] ?? '', /^LARGE: cut at 8000 of \d+ bytes or more$/);
  });
}

test('a value of one byte over maxFieldBytes is cut by that byte', async (t) => {
  const entry = await roundTrip(t, { LARGE: 'y'.repeat(8001) }, { maxFieldBytes: 8000 });
  assert.equal(entry.text('LARGE'), 'y'.repeat(8000));
  assert.deepEqual(entry.omitted, ['LARGE: cut at 8000 of 8001 bytes or more']);
});

test('a value of exactly maxFieldBytes is whole', async (t) => {
  for (const value of ['y'.repeat(8000), randomBytes(4000).toString('hex')]) {
    const entry = await roundTrip(t, { MESSAGE: value }, { maxFieldBytes: 8000 });
    assert.equal(entry.text('MESSAGE'), value);
    assert.deepEqual(entry.omitted, []);
  }
});

test('maxEntryBytes bounds a whole entry', async (t) => {
  const values = Array.from({ length: 20 }, () => randomBytes(500).toString('hex'));
  const entry = await roundTrip(t, { MESSAGE: 'x', MANY: values }, { maxEntryBytes: 5000 });
  assert.ok([...entry.fields()].reduce((bytes, [, value]) => bytes + value.length, 0) < 5000);
  assert.ok(entry.omitted.length > 10);
});

test('a field of 3 MB, which journald gets through a memfd, comes back whole', async (t) => {
  await ensureJournald(t);
  const word = uniqueWord();
  const file = `/tmp/${word}`;
  t.after(async () => (await import('node:fs/promises')).rm(file));
  writeFileSync(file, `MESSAGE=${'m'.repeat(3_000_000)}\nWORD=${word}\n`);
  await promisify(execFile)('logger', [`--journald=${file}`]);
  using journal = Journal.open();
  journal.addMatch('WORD', word);
  while (!journal.seekHead().next()) await journal.wait({ timeoutMs: 20 });
  assert.equal(journal.entry().bytes('MESSAGE')?.length, 3_000_000);
});

test('toJSON() is what journalctl -o json prints', async (t) => {
  const journald = await startPrivateJournald(t);
  writeEntry(journald, { MESSAGE: 'a "b"\t\n', BINARY: Buffer.from([1, 2, 255]), TEST: ['toJSON', 'twice'] });
  await journald.sync();
  using journal = Journal.open({ directory: journald.directory });
  assert.ok(journal.addMatch('TEST', 'toJSON').next());
  const args = [`--directory=${journald.directory}`, '-o', 'json', '--all', 'TEST=toJSON'];
  const { stdout } = await promisify(execFile)('journalctl', args);
  const { __SEQNUM, __SEQNUM_ID, ...expected } = JSON.parse(stdout);
  assert.deepEqual(JSON.parse(JSON.stringify(journal.entry({ cursor: true }))), expected);
});
