import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type PrivateJournald,
  startPrivateJournald,
  uniqueWord,
  writeEntry,
} from '../../../test/journald.ts';
import { Journal, type JournalEntry } from '../src/index.ts';

/** A journald of this file's own, so that every entry in it is known. */
let journald: PrivateJournald;
const stops: (() => void | Promise<void>)[] = [];
const word = uniqueWord();

before(async () => {
  journald = await startPrivateJournald({ after: (stop) => stops.push(stop) });
  for (let number = 0; number < 10; number++) {
    const [PRIORITY, COLOUR] = [String(number % 2 === 0 ? 3 : 6), ['red', 'green', 'blue'][number % 3] ?? ''];
    writeEntry(journald, { MESSAGE: `line ${number}`, PRIORITY, COLOUR, WORD: word, NUMBER: String(number) });
  }
  await journald.sync();
});
after(async () => {
  for (const stop of stops) await stop();
});

function open(): Journal {
  return Journal.open({ namespace: journald.namespace });
}

function numbersOf(entries: Iterable<JournalEntry>): (number | undefined)[] {
  return [...entries].map((entry) => entry.integer('NUMBER'));
}

test('entries() walks forward and backward in order and stops at its limit', () => {
  using journal = open();
  journal.addMatch('WORD', word);
  assert.deepEqual(numbersOf(journal), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  journal.seekTail();
  assert.deepEqual(numbersOf(journal.entries({ direction: 'backward', limit: 3 })), [9, 8, 7]);
  assert.deepEqual(numbersOf(journal.entries({ limit: 1 })), [8]);
});

test('addMatch() joins values of one field by or, different fields by and', () => {
  using journal = open();
  journal.addMatch('WORD', word).addMatch('COLOUR', 'red').addMatch('COLOUR', 'blue').addMatch('PRIORITY', 3);
  assert.deepEqual(numbersOf(journal), [0, 2, 6, 8]);
});

test('or() and and() combine groups of matches, clearMatches() removes them all', () => {
  using journal = open();
  journal.addMatch('COLOUR', 'red').addMatch('PRIORITY', 6).or().addMatch('COLOUR', 'green').and();
  journal.addMatch('WORD', word);
  assert.deepEqual(numbersOf(journal), [1, 3, 4, 7, 9]);
  journal.clearMatches().addMatch('WORD', uniqueWord()).seekHead();
  assert.deepEqual(numbersOf(journal), []);
  journal.clearMatches().addMatch('NUMBER', 4).seekHead();
  assert.deepEqual(numbersOf(journal), [4]);
});

test('skip() moves over entries in both directions and says how many there were', () => {
  using journal = open();
  journal.addMatch('WORD', word).seekHead();
  assert.equal(journal.skip(4), 4);
  assert.equal(journal.entry().integer('NUMBER'), 3);
  assert.equal(journal.skip(-2), 2);
  assert.equal(journal.entry().integer('NUMBER'), 1);
  assert.equal(journal.skip(100), 8);
  assert.equal(journal.skip(0), 0);
});

test('seekRealtime() lands at the first entry of a time going forward, at the last before it going backward', () => {
  using journal = open();
  journal.addMatch('WORD', word).seekHead();
  const times = [...journal].map((entry) => entry.realtimeUs);
  const third = times[3] ?? 0;
  journal.seekRealtime(third);
  const [next] = numbersOf(journal.entries({ limit: 1 }));
  assert.equal(times.indexOf(third), next, 'the first of those with this time');
  journal.seekRealtime(third - 1);
  const [before] = journal.entries({ direction: 'backward', limit: 1 });
  assert.ok(before !== undefined && before.realtimeUs < third);
  journal.seekRealtime(new Date('2001-01-01'));
  assert.deepEqual(numbersOf(journal.entries({ limit: 1 })), [0]);
});

test('seekMonotonic() lands where seekRealtime() would, by the clock of one boot', () => {
  using journal = open();
  journal.addMatch('WORD', word).seekHead();
  const [, , third] = [...journal];
  assert.ok(third);
  const { bootId, monotonicUs } = third;
  assert.ok(journal.seekMonotonic(bootId, monotonicUs).next());
  assert.equal(journal.entry().monotonicUs, monotonicUs);
  assert.ok(journal.seekMonotonic(bootId.toUpperCase(), monotonicUs - 1).previous());
  assert.ok(journal.entry().monotonicUs < monotonicUs);
  assert.deepEqual(numbersOf(journal.seekMonotonic(bootId, 0).entries({ limit: 1 })), [0]);
});

test('cursor leads back to the same entry in another journal object', () => {
  using journal = open();
  journal.addMatch('NUMBER', 5).seekHead();
  assert.ok(journal.next());
  const { cursor } = journal;
  assert.equal(journal.entry({ cursor: true }).cursor, cursor);
  using other = open();
  assert.ok(other.seekCursor(cursor).next());
  assert.ok(other.isAtCursor(cursor));
  assert.equal(other.entry().integer('NUMBER'), 5);
  assert.ok(other.next());
  assert.ok(!other.isAtCursor(cursor));
});

test('an entry has time, boot and typed fields', async () => {
  using journal = open();
  journal.addMatch('NUMBER', 7).seekHead();
  const [entry] = journal;
  assert.ok(entry);
  assert.ok(Math.abs(entry.realtimeUs / 1000 - Date.now()) < 60_000);
  assert.equal(Math.floor(entry.realtimeUs / 1000), entry.date.getTime());
  assert.ok(entry.monotonicUs > 0 && entry.monotonicUs < Number(process.hrtime.bigint() / 1000n));
  const bootId = await readBootId();
  assert.deepEqual(
    [entry.bootId, entry.message, entry.priority, entry.pid, entry.identifier],
    [bootId, 'line 7', 6, process.pid, entry.text('_COMM')],
  );
  assert.equal(entry.cursor, null);
  assert.deepEqual(journal.boots(), [
    {
      bootId,
      firstUs: journal.seekHead().clearMatches().next() && journal.realtimeUs,
      lastUs: journal.seekTail().previous() && journal.realtimeUs,
    },
  ]);
});

async function readBootId(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim().replaceAll('-', '');
}

test('entries({fields}) reads only those, and nothing where the entry has none', () => {
  using journal = open();
  journal.addMatch('NUMBER', 2).seekHead();
  const [entry] = journal.entries({ fields: ['MESSAGE', 'NO_SUCH_FIELD', 'NUMBER'] });
  assert.ok(entry);
  assert.deepEqual(
    [...entry.fields()].map(([name, value]) => `${name}=${value}`),
    ['MESSAGE=line 2', 'NUMBER=2'],
  );
  assert.equal(entry.text('NO_SUCH_FIELD'), undefined);
  assert.equal(entry.text('MESSAGE=line 2NUMBER'), undefined, 'a name does not run on into the next field');
  assert.equal(entry.text('MESS'), undefined, 'the beginning of a name is not the name');
  for (const read of ['text', 'bytes', 'all', 'integer'] as const)
    assert.throws(() => entry[read](undefined as never), { code: 'E_JOURNAL_OPTIONS' });
});

test('uniqueValues() and fieldNames() list what the journal knows', () => {
  using journal = open();
  assert.deepEqual(journal.uniqueValues('COLOUR').map(String).sort(), ['blue', 'green', 'red']);
  assert.equal(journal.uniqueValues('COLOUR', 2).length, 2);
  assert.deepEqual(journal.uniqueValues('NO_SUCH_FIELD'), []);
  const names = journal.fieldNames();
  for (const name of ['MESSAGE', 'COLOUR', 'WORD', '_PID']) assert.ok(names.includes(name), name);
  assert.ok(journal.usageBytes() > 0);
});

test('a closed journal answers every call with E_JOURNAL_CLOSED, and may be closed again', async () => {
  const journal = open();
  const iterator = journal.entries();
  assert.ok(!iterator.next().done);
  journal.close();
  journal.close();
  assert.ok(journal.isClosed);
  const calls = [
    () => journal.next(),
    () => journal.entry(),
    () => journal.cursor,
    () => journal.realtimeUs,
    () => journal.hasFiles,
    () => journal.boots(),
    () => journal.usageBytes(),
    () => journal.addMatch('MESSAGE', 'x'),
    () => journal.seekHead(),
    () => journal.seekCursor('x'),
    () => journal.uniqueValues('MESSAGE'),
    () => journal.follow(),
    () => iterator.next(),
  ];
  for (const call of calls) assert.throws(call, { code: 'E_JOURNAL_CLOSED' }, String(call));
  await assert.rejects(journal.wait(), { code: 'E_JOURNAL_CLOSED' });
});

test('entry() and the position refuse where there is no entry: before the first move, after a seek', () => {
  using journal = open();
  for (const read of [() => journal.entry(), () => journal.cursor, () => journal.realtimeUs]) {
    journal.seekHead();
    assert.throws(read, { code: 'E_JOURNAL_NO_ENTRY', errno: 'EADDRNOTAVAIL' });
    assert.ok(journal.next());
    read();
  }
});
