import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Journal, type JournalErrorCode } from '../src/index.ts';

/** Not what the types allow: what a program in JavaScript, or one that reads its arguments from somewhere, hands over. */
const wrong = (value: unknown) => value as never;

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-reader-'));
});
after(() => rmSync(directory, { recursive: true }));

/** The one error of a call: its class, its code, and a message that names what is wrong. */
function refuses(call: () => unknown, message: RegExp, code: JournalErrorCode = 'E_JOURNAL_OPTIONS'): void {
  assert.throws(call, { name: 'JournalError', code, message }, `${call}`);
}

test('Journal.open() refuses options that cannot be meant', () => {
  for (const [options, message] of [
    [null, /^options is null, needed is an object$/],
    ['/var/log/journal', /^options is "\/var\/log\/journal", needed is an object$/],
    [{ directory: 7 }, /^directory is 7, needed is a text/],
    [{ directory: '' }, /^directory is "", needed is a text/],
    [{ directory: 'a\0b' }, /^directory is "a\\u0000b", needed is a text/],
    [{ directory: new URL('file:///tmp') }, /^directory is an object, needed/],
    [{ files: 'system.journal' }, /^files is "system.journal", needed is an array/],
    [{ files: [] }, /^files is an array, needed is an array of at least one path$/],
    [{ files: [null] }, /^a path in files is null, needed is a text/],
    [{ files: ['a\0b'] }, /^a path in files is .* no zero byte$/],
    [{ namespace: 1 }, /^namespace is 1, needed is a name$/],
    [{ namespace: '' }, /namespace "" cannot exist/],
    [{ namespace: 'a\0b' }, /namespace "a\\u0000b" cannot exist/],
    [{ runtimeOnly: 'no' }, /^runtimeOnly is "no", needed is true or false$/],
    [{ allMachines: 1 }, /^allMachines is 1, needed is true or false$/],
    [{ only: 'user' }, /^only is "user", needed is 'system' or 'current-user'$/],
    [{ maxFieldBytes: Number.NaN }, /^maxFieldBytes is NaN, needed is a whole number of at least 1$/],
    [{ maxEntryBytes: '1' }, /^maxEntryBytes is "1", needed is a whole number/],
    [{ library: '' }, /^library is "", needed is a text/],
    [{ library: 'libsystemd.so.0\0x' }, /^library is .* no zero byte$/],
  ] as const)
    refuses(() => Journal.open(wrong(options)), message);
});

test('each call refuses arguments that cannot be meant, before it does anything', () => {
  using journal = Journal.open({ directory });
  const field = /is no field name: 1 to 64 upper-case letters, digits and underscores$/;
  const time = /^time is .*, needed is a number of microseconds from 0 to 9007199254740991$/;
  const boot = '0'.repeat(32);
  for (const name of [
    '',
    'message',
    'A B',
    'A=B',
    'A\0',
    '1A',
    'X'.repeat(65),
    7,
    null,
    undefined,
    Symbol('x'),
  ]) {
    refuses(() => journal.addMatch(wrong(name), 'x'), field);
    refuses(() => journal.uniqueValues(wrong(name)), field);
    refuses(() => journal.entry({ fields: [wrong(name)] }), field);
    refuses(() => journal.entries({ fields: [wrong(name)] }), field);
    refuses(() => journal.follow({ fields: [wrong(name)] }), field);
  }
  for (const value of [null, undefined, true, {}, [], 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 1n])
    refuses(
      () => journal.addMatch('A', wrong(value)),
      /^value is .*, needed is a string, a whole number or a/,
    );
  refuses(() => journal.addMatch('A', wrong(new Uint16Array(1))), /^value is an object, needed/);
  for (const us of [-1, Number.NaN, 1e300, 2 ** 53, Number.POSITIVE_INFINITY, '5', 5n, null, undefined, {}]) {
    refuses(() => journal.seekRealtime(wrong(us)), time);
    refuses(() => journal.seekMonotonic(boot, wrong(us)), time);
  }
  for (const date of [new Date(Number.NaN), new Date(-1), new Date(8.64e15)])
    refuses(() => journal.seekRealtime(date), time);
  refuses(() => journal.seekMonotonic(boot, wrong(new Date())), time);
  for (const bootId of ['', 'e7309937', 'g'.repeat(32), `${boot}\0`, 5, null, undefined])
    refuses(() => journal.seekMonotonic(wrong(bootId), 1), /^bootId is .*, needed is 32 hex digits$/);
  for (const cursor of ['', 'nonsense', 's=1;i=zz', 'a\0b', 'x'.repeat(1000), 5, null, undefined, {}]) {
    refuses(() => journal.seekCursor(wrong(cursor)), /is no cursor of a journal$/, 'E_JOURNAL_CURSOR');
    const code =
      typeof cursor === 'string' && !/^$|\0/.test(cursor) ? 'E_JOURNAL_NO_ENTRY' : 'E_JOURNAL_CURSOR';
    refuses(() => journal.isAtCursor(wrong(cursor)), /./, code);
  }
  for (const count of [0.5, Number.NaN, 2 ** 31, -(2 ** 31), Number.POSITIVE_INFINITY, '1', null, undefined])
    refuses(() => journal.skip(wrong(count)), /^count is .*, needed is a whole number from -2147483647 to/);
  for (const limit of [-1, 0.5, Number.NaN, '1', null]) {
    refuses(() => journal.entries({ limit: wrong(limit) }), /^limit is .*, needed is a whole number/);
    refuses(() => journal.uniqueValues('A', wrong(limit)), /^limit is .*, needed is a whole number/);
  }
  for (const direction of ['backwards', '', null, 1])
    refuses(
      () => journal.entries({ direction: wrong(direction) }),
      /^direction is .*'forward' or 'backward'$/,
    );
  for (const options of [null, 5, 'MESSAGE']) {
    refuses(() => journal.entry(wrong(options)), /^options is .*, needed is an object$/);
    refuses(() => journal.entries(wrong(options)), /^options is .*, needed is an object$/);
    refuses(() => journal.follow(wrong(options)), /^options is .*, needed is an object$/);
  }
  refuses(
    () => journal.entry({ fields: wrong('MESSAGE') }),
    /^fields is "MESSAGE", needed is an array of field/,
  );
  refuses(() => journal.entry({ cursor: wrong(1) }), /^cursor is 1, needed is true or false$/);
  refuses(() => journal.follow({ signal: wrong({}) }), /^signal is an object, needed is an AbortSignal$/);
});

test('wait() refuses what is no time and no signal', async () => {
  using journal = Journal.open({ directory });
  for (const timeoutMs of [Number.NaN, -1, '5', 5n, null]) {
    const message = /^timeoutMs is .*, needed is a number of milliseconds of at least 0, or Infinity$/;
    const expected = { name: 'JournalError', code: 'E_JOURNAL_OPTIONS', message };
    await assert.rejects(journal.wait({ timeoutMs: wrong(timeoutMs) }), expected);
  }
  const message = /^signal is "SIGINT", needed is an AbortSignal$/;
  await assert.rejects(journal.wait({ signal: wrong('SIGINT') }), { code: 'E_JOURNAL_OPTIONS', message });
  await assert.rejects(journal.wait(wrong(null)), { code: 'E_JOURNAL_OPTIONS' });
});

test('an option that does not exist is refused, with those that do', async () => {
  for (const options of [{ dirctory: '/nope' }, { directory, dirctory: undefined }])
    refuses(
      () => Journal.open(wrong(options)),
      /^there is no option "dirctory"; there are directory, files, namespace, runtimeOnly, only, allMachines, /,
    );
  using journal = Journal.open({ directory });
  refuses(
    () => journal.entries(wrong({ limt: 1, toString: 1 })),
    /^there is no option "limt", "toString"; there are direction, limit, fields, cursor$/,
  );
  refuses(() => journal.entry(wrong({ limit: 1 })), /^there is no option "limit"; there are fields, cursor$/);
  refuses(
    () => journal.follow(wrong({ timeoutMs: 1 })),
    /^there is no option "timeoutMs"; there are signal, fields, cursor$/,
  );
  const message = 'there is no option "timeout"; there are timeoutMs, signal';
  await assert.rejects(journal.wait(wrong({ timeout: 1 })), { code: 'E_JOURNAL_OPTIONS', message });
});

test('new Journal() says how one is opened', () => {
  const NoTypes = Journal as unknown as new (...args: unknown[]) => Journal;
  for (const args of [[], [{ directory }], [Symbol('Journal.open'), {}, {}]])
    refuses(() => new NoTypes(...args), /^new Journal\(\) opens nothing, use Journal\.open\(options\)$/);
});

test('what lies at the end of a range is taken', async () => {
  using journal = Journal.open({ directory });
  journal.addMatch('A', -0).addMatch('A', Number.MIN_SAFE_INTEGER).addMatch('A', '').addMatch('A', '\0');
  journal.addMatch('X'.repeat(64), new Uint8Array(0)).addMatch('_', Buffer.from('x'));
  journal.seekRealtime(Number.MAX_SAFE_INTEGER).seekRealtime(0.5).seekRealtime(new Date(0));
  assert.equal(journal.skip(2 ** 31 - 1) + journal.skip(-(2 ** 31 - 1)), 0);
  assert.deepEqual([...journal.entries({ limit: 0 })], []);
  assert.deepEqual([...journal.entries({ limit: Number.POSITIVE_INFINITY })], []);
  assert.equal(await journal.wait({ timeoutMs: Number.POSITIVE_INFINITY }), 'invalidated');
  assert.equal(await journal.wait({ timeoutMs: 0 }), 'none');
});
