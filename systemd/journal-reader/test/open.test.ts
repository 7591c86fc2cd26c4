import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import {
  ensureJournald,
  type PrivateJournald,
  startPrivateJournald,
  uniqueWord,
  writeEntry,
} from '../../../test/journald.ts';
import { Journal } from '../src/index.ts';

const run = promisify(execFile);

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'journal-reader-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A copy of the files of a journald that has written `count` entries. */
async function copiedJournal(
  t: TestContext,
  count = 3,
): Promise<{ directory: string; files: string[]; journald: PrivateJournald }> {
  const journald = await startPrivateJournald(t);
  for (let number = 0; number < count; number++)
    writeEntry(journald, { MESSAGE: `line ${number}`, WORD: 'w' });
  await journald.sync();
  const directory = temporaryDirectory(t);
  const names = readdirSync(journald.directory);
  for (const name of names) copyFileSync(join(journald.directory, name), join(directory, name));
  return { directory, files: names.map((name) => join(directory, name)), journald };
}

function messages(journal: Journal): (string | undefined)[] {
  journal.addMatch('WORD', 'w').seekHead();
  return [...journal].map((entry) => entry.message);
}

test("open() reads the machine's own journal, written by systemd-cat", async (t) => {
  await ensureJournald(t);
  const word = uniqueWord();
  await run('systemd-cat', ['-t', word, 'echo', 'from systemd-cat']);
  using journal = Journal.open();
  assert.ok(journal.hasFiles.runtime || journal.hasFiles.persistent);
  journal.addMatch('SYSLOG_IDENTIFIER', word);
  while (!journal.seekHead().next()) await journal.wait({ timeoutMs: 20 });
  assert.equal(journal.entry().message, 'from systemd-cat');
});

test('open({directory}) and open({files}) read journal files from anywhere', async (t) => {
  const { directory, files } = await copiedJournal(t);
  const expected = ['line 0', 'line 1', 'line 2'];
  using byDirectory = Journal.open({ directory });
  assert.deepEqual(messages(byDirectory), expected);
  using byFiles = Journal.open({ files });
  assert.deepEqual(messages(byFiles), expected);
  assert.ok(byFiles.boots().length === 1);
});

test('open({namespace}) reads one namespace, + and * others with it', async (t) => {
  const { journald } = await copiedJournal(t);
  for (const namespace of [journald.namespace, `+${journald.namespace}`, '*']) {
    using journal = Journal.open({ namespace });
    assert.deepEqual(messages(journal), ['line 0', 'line 1', 'line 2'], namespace);
  }
  using own = Journal.open();
  own.addMatch('_PID', process.pid).addMatch('WORD', 'w');
  assert.equal(own.next(), false, 'the default journal has no entries of a namespace');
});

test("open({only}) reads the system's files or those of the user", async (t) => {
  const { directory, files } = await copiedJournal(t);
  const [system = ''] = files;
  const expected = ['line 0', 'line 1', 'line 2'];
  const read = (only: 'system' | 'current-user') => {
    using journal = Journal.open({ directory, only });
    return messages(journal);
  };
  assert.deepEqual([read('system'), read('current-user')], [expected, []]);
  // The name says whose it is: journald gives every user a file.
  copyFileSync(system, join(directory, `user-${process.getuid?.()}.journal`));
  rmSync(system);
  assert.deepEqual([read('system'), read('current-user')], [[], expected]);
});

test('open({allMachines}) reads also what came from other machines, open({runtimeOnly}) only what lies in memory', async (t) => {
  const { files } = await copiedJournal(t);
  const other = `/var/log/journal/${randomBytes(16).toString('hex')}`;
  const created = mkdirSync(other, { recursive: true }) ?? other;
  t.after(() => rmSync(created, { recursive: true }));
  for (const file of files) copyFileSync(file, join(other, 'system.journal'));
  const read = (options: { allMachines?: boolean; runtimeOnly?: boolean }) => {
    using journal = Journal.open(options);
    journal.addMatch('_PID', process.pid).and();
    if (options.runtimeOnly === true) assert.equal(journal.hasFiles.persistent, false);
    else if (options.allMachines === true) assert.equal(journal.hasFiles.persistent, true);
    return messages(journal);
  };
  assert.deepEqual(read({}), []);
  assert.deepEqual(read({ allMachines: true }), ['line 0', 'line 1', 'line 2']);
  assert.deepEqual(read({ allMachines: true, runtimeOnly: true }), []);
});

test('boots() tells boots apart, and seekMonotonic() finds its way in each by its own clock', async (t) => {
  const bootIds = ['1'.repeat(32), '2'.repeat(32)];
  const files: string[] = [];
  for (const bootId of bootIds) {
    const journald = await startPrivateJournald(t, { bootId });
    for (const number of [0, 1, 2]) writeEntry(journald, { MESSAGE: `${bootId[0]}${number}`, WORD: 'w' });
    await journald.sync();
    files.push(...readdirSync(journald.directory).map((name) => join(journald.directory, name)));
  }
  using journal = Journal.open({ files });
  journal.addMatch('WORD', 'w');
  const entries = [...journal];
  assert.deepEqual(
    entries.map(({ message, bootId }) => `${message} ${bootId}`),
    bootIds.flatMap((bootId) => [0, 1, 2].map((number) => `${bootId[0]}${number} ${bootId}`)),
  );
  const boots = journal.boots();
  assert.deepEqual(
    boots.map(({ bootId }) => bootId),
    bootIds,
  );
  for (const { bootId, firstUs, lastUs } of boots) {
    const own = entries.filter((entry) => entry.bootId === bootId);
    assert.ok(own.every(({ realtimeUs }) => firstUs <= realtimeUs && realtimeUs <= lastUs));
    const [, second] = own;
    journal.clearMatches().addMatch('_BOOT_ID', bootId).addMatch('WORD', 'w');
    assert.ok(second && journal.seekMonotonic(bootId, second.monotonicUs).next());
    assert.equal(journal.entry().message, second.message);
  }
});

test('open() refuses what is not there, no directory, contradictory or no journal, each with its code', async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'x.journal');
  writeFileSync(file, 'this is no journal'.repeat(100));
  const cases: [string, Parameters<typeof Journal.open>[0], RegExp][] = [
    ['E_JOURNAL_NOT_FOUND', { directory: join(directory, 'gone') }, /gone: it does not exist/],
    ['E_JOURNAL_NOT_FOUND', { directory: file }, /it is not a directory/],
    ['E_JOURNAL_NOT_FOUND', { files: [join(directory, 'gone')] }, /gone: it does not exist/],
    ['E_JOURNAL_CORRUPT', { files: [file] }, /x\.journal/],
    ['E_JOURNAL_OPTIONS', { files: [file], directory }, /several/],
    ['E_JOURNAL_OPTIONS', { namespace: '../x' }, /cannot exist/],
  ];
  for (const [code, options, message] of cases) {
    assert.throws(
      () => Journal.open(options),
      { name: 'JournalError', code, message },
      JSON.stringify(options),
    );
  }
});

test('open() without libsystemd says what is missing and how to get it', () => {
  for (const library of ['libsystemd-that-is-not-here.so.0', 'libc.so.6'])
    assert.throws(() => Journal.open({ library }), {
      code: 'E_JOURNAL_LIBRARY',
      message: /cannot be used.*libsystemd 246 or newer is needed \(package libsystemd0/,
    });
});

test('an empty directory is a journal without entries', (t) => {
  using journal = Journal.open({ directory: temporaryDirectory(t) });
  assert.equal(journal.next(), false);
  assert.equal(journal.previous(), false);
  assert.deepEqual([journal.boots(), journal.fieldNames(), journal.usageBytes()], [[], [], 0]);
});

test('opening and closing 200 times leaves no descriptor behind', async (t) => {
  const { directory } = await copiedJournal(t);
  const count = () => readdirSync('/proc/self/fd').length;
  const before = count();
  for (let round = 0; round < 200; round++) {
    using journal = Journal.open({ directory });
    journal.seekEnd();
  }
  assert.equal(count(), before);
});

test('damaged files end in an error or in fewer entries, never in a crash or a hang', async (t) => {
  const { files } = await copiedJournal(t, 50);
  const [file = ''] = files;
  const script = new URL('./read-damaged.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [script, file], { timeout: 60_000 });
  const counts = JSON.parse(stdout);
  t.diagnostic(stdout.trim());
  assert.ok(counts.read > 0 && counts.refused > 0);
});

test('a file cut short is refused at every length', async (t) => {
  const { files } = await copiedJournal(t);
  const [file = ''] = files;
  const whole = readFileSync(file);
  const lengths = [...Array.from({ length: 300 }, (_, bytes) => bytes), 4096, whole.length - 1];
  for (const bytes of lengths) {
    writeFileSync(file, whole.subarray(0, bytes));
    assert.throws(() => Journal.open({ files: [file] }), { code: 'E_JOURNAL_CORRUPT' }, `${bytes} bytes`);
  }
});
