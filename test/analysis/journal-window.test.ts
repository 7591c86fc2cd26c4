import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type JournalWindowRequest, readJournalWindow } from '../../analysis/journal-window.ts';
import { syncJournal } from '../../analysis/sync-journal.ts';
import type { JournalEntry } from '../../report/record.ts';
import { type EntryFields, ensureJournald, startPrivateJournald, writeEntry } from '../journald.ts';

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');

interface Stage {
  socketPath: string;
  write(fields: EntryFields): void;
  /** Makes sure that all is readable. */
  sync(): Promise<void>;
  /** The window of the process that wrote the entries: this one. */
  read(request?: Partial<JournalWindowRequest>): {
    entries: JournalEntry[];
    omitted: number;
    notes: string[];
  };
}

/** The end of this millisecond: no entry that is in the journal already has a later time. */
const nowUs = () => (Date.now() + 1) * 1000;

/** A journal in which only the test writes. Entries come from this process, so `_PID` is ours. */
async function stage(t: TestContext): Promise<Stage> {
  const journald = await startPrivateJournald(t);
  return {
    socketPath: journald.socketPath,
    write: (fields) => writeEntry(journald, fields),
    sync: journald.sync,
    read(request = {}) {
      const { options, ...rest } = request;
      const window = readJournalWindow({
        pid: process.pid,
        bootId,
        unit: null,
        crashUs: nowUs(),
        nowUs: nowUs() + 1_000_000,
        ...rest,
        options: { journal: { namespace: journald.namespace }, timeoutMs: 10_000, ...options },
      });
      assert.ok('entries' in window, 'missing' in window ? window.missing : '');
      return window;
    },
  };
}

/** Lets `crashUs` be over. */
const afterCrash = () => new Promise((resolve) => setTimeout(resolve, 5));

/** journald tells of its own start in its own journal. */
function ours(entries: JournalEntry[]): JournalEntry[] {
  return entries.filter(({ identifier }) => identifier !== 'systemd-journald');
}

test("readJournalWindow() has the process's own entries, in the order of time, with their fields", async (t) => {
  const { write, sync, read } = await stage(t);
  const before = nowUs();
  write({ MESSAGE: 'first', PRIORITY: '3', SYSLOG_IDENTIFIER: 'app' });
  write({ MESSAGE: 'second', PRIORITY: '7' });
  await sync();
  const { entries, omitted } = read();
  const [first, second, ...more] = ours(entries);
  assert.deepEqual(more, []);
  assert.ok(first && second);
  assert.ok(first.at.us >= before - 1000 && first.at.us <= nowUs());
  assert.deepEqual(
    { ...first, at: null },
    {
      at: null,
      pid: process.pid,
      identifier: 'app',
      unit: first.unit,
      priority: 3,
      message: 'first',
      why: 'process',
    },
  );
  assert.deepEqual([second.message, second.priority, second.why], ['second', 7, 'process']);
  assert.equal(omitted, 0);
});

test('readJournalWindow() takes a pid of another boot or from before the start of the process for another', async (t) => {
  const { write, sync, read } = await stage(t);
  write({ MESSAGE: 'from the one before', PRIORITY: '6' });
  await sync();
  assert.equal(ours(read({ bootId: '0'.repeat(32) }).entries).length, 0);
  assert.equal(
    ours(read({ startedUs: nowUs() + 5_000_000, crashUs: nowUs() + 9_000_000 }).entries).length,
    0,
  );
  assert.equal(ours(read({ startedUs: nowUs() - 5_000_000 }).entries).length, 1);
});

test("readJournalWindow() adds what systemd and others said about the unit, then the machine's warnings", async (t) => {
  const { write, sync, read } = await stage(t);
  const other = { pid: 2 ** 22 + 1 };
  // Written by root, as systemd-coredump does; what only PID 1 may claim (UNIT=) is not believed of us.
  write({ MESSAGE: 'dumped', COREDUMP_UNIT: 'app.service', PRIORITY: '2' });
  write({ MESSAGE: 'about the unit', OBJECT_SYSTEMD_UNIT: 'app.service', PRIORITY: '6', OBJECT_PID: '1' });
  write({ MESSAGE: 'forged', UNIT: 'app.service', PRIORITY: '6' });
  write({ MESSAGE: 'disk is full', PRIORITY: '4' });
  write({ MESSAGE: 'just talk', PRIORITY: '5' });
  await sync();
  const { entries } = read({ ...other, unit: 'app.service' });
  const seen = ours(entries).map(({ message, why }) => `${why}: ${message}`);
  assert.deepEqual(seen.sort(), ['machine: disk is full', 'unit: about the unit', 'unit: dumped']);
  const without = ours(read(other).entries).map(({ message, why }) => `${why}: ${message}`);
  assert.deepEqual(without.sort(), ['machine: disk is full', 'machine: dumped']);
});

test("readJournalWindow() has the entries of the unit's other processes", async (t) => {
  const { sync, read, socketPath } = await stage(t);
  const unit = `usercrash-test-${process.pid}.service`;
  // journald finds the unit by the writer's cgroup, in the hierarchy that systemd would use: cg_unified_cached().
  const root = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup'].find((path) =>
    existsSync(`${path}/cgroup.procs`),
  );
  if (root === undefined) return t.skip('no cgroup hierarchy');
  const cgroup = `${root}/${unit}`;
  mkdirSync(cgroup, { recursive: true });
  const script = `echo $$ > "$1/cgroup.procs"; exec ${process.execPath} -e "$2" "$3"`;
  const send = `import(${JSON.stringify(join(import.meta.dirname, '../journald.ts'))}).then(({ writeEntry }) => {
    writeEntry({ socketPath: process.argv[1] }, { MESSAGE: 'from another process' });
    process.stdin.resume();
  })`;
  const child = spawn('/bin/sh', ['-c', script, 'sh', cgroup, send, socketPath], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  t.after(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
    rmdirSync(cgroup);
  });
  // It lives until it is told to end, so that journald can look at its cgroup.
  const found = async () => {
    await sync();
    return ours(read({ pid: 2 ** 22 + 1, unit }).entries)[0];
  };
  let entry = await found();
  for (let tries = 0; entry === undefined && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    entry = await found();
  }
  assert.deepEqual([entry?.message, entry?.unit, entry?.why], ['from another process', unit, 'unit']);
});

test('readJournalWindow() keeps the newest before the crash, counts the rest, and counts none twice', async (t) => {
  const { write, sync, read } = await stage(t);
  for (let number = 0; number < 300; number++) write({ MESSAGE: `line ${number}`, PRIORITY: '4' });
  await sync();
  const { entries, omitted, notes } = read({ options: { maxEntries: 10 } });
  assert.deepEqual(
    entries.map(({ message }) => message),
    Array.from({ length: 10 }, (_, index) => `line ${290 + index}`),
  );
  assert.ok(omitted >= 290 && omitted < 295, `${omitted}`);
  assert.deepEqual(notes, []);
  assert.equal(ours(read({ options: { maxEntries: 400 } }).entries).length, 300);
});

test('readJournalWindow() leaves what followed the crash a quarter of the room at most', async (t) => {
  const { write, sync, read } = await stage(t);
  const others = { pid: 2 ** 22 + 1 };
  for (let number = 0; number < 50; number++) write({ MESSAGE: `before ${number}`, PRIORITY: '4' });
  await sync();
  const crashUs = nowUs();
  await afterCrash();
  for (let number = 0; number < 50; number++) write({ MESSAGE: `after ${number}`, PRIORITY: '4' });
  await sync();
  const { entries, omitted } = read({ ...others, crashUs, options: { maxEntries: 20 } });
  const messages = entries.map(({ message }) => message);
  assert.deepEqual(
    [messages[0], messages[14], messages[15], messages[19]],
    ['before 35', 'before 49', 'after 0', 'after 4'],
  );
  assert.ok(omitted >= 80);
  const cut = read({ ...others, crashUs, nowUs: crashUs });
  assert.ok(
    cut.entries.every(({ message }) => !message.startsWith('after')),
    'the window ends at nowUs',
  );
  const early = read({ ...others, crashUs, options: { beforeMs: 0 } });
  assert.ok(
    early.entries.every(({ message }) => !message.startsWith('before')),
    'and begins at beforeMs',
  );
});

test('readJournalWindow() takes what the process said for said before the crash, though journald took it up later', async (t) => {
  const { write, sync, read } = await stage(t);
  const crashUs = nowUs();
  await afterCrash();
  for (let number = 0; number < 50; number++) write({ MESSAGE: `own ${number}` });
  await sync();
  const { entries, omitted } = read({ crashUs, options: { maxEntries: 10 } });
  assert.deepEqual(
    entries.map(({ message }) => message),
    Array.from({ length: 10 }, (_, index) => `own ${40 + index}`),
  );
  assert.ok(omitted >= 40);
});

test('readJournalWindow() bounds hostile messages and escapes what is no text', async (t) => {
  const { write, sync, read } = await stage(t);
  write({
    MESSAGE: Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xff, 0x00, 0x5c]),
    SYSLOG_IDENTIFIER: 'i'.repeat(1000),
  });
  write({ MESSAGE: `${'ä'.repeat(50)}${'x'.repeat(50_000)}` });
  write({ SYSLOG_IDENTIFIER: 'no message' });
  await sync();
  const [binary, long, empty] = ours(read({ options: { maxMessageBytes: 21 } }).entries);
  assert.equal(binary?.message, '\x1b[2J\\xff\x00\\\\');
  assert.equal(binary.identifier?.length, 256);
  assert.equal(long?.message, `${'ä'.repeat(10)} [cut at 21 bytes]`);
  assert.equal(empty?.message, '');
  const [, whole] = ours(read().entries);
  assert.match(whole?.message ?? '', /^ä{50}x{8092} \[cut at 8192 bytes\]$/);
});

test('readJournalWindow() stops at its budgets and says so', async (t) => {
  const { write, sync, read } = await stage(t);
  for (let number = 0; number < 100; number++) write({ MESSAGE: `line ${number}`, PRIORITY: '4' });
  await sync();
  const few = read({ options: { maxScanned: 30 } });
  assert.equal(few.entries.length, 30);
  assert.deepEqual(few.notes, [
    'journal: no more than 30 entries were looked at, more may have been left out',
  ]);
  const late = read({ options: { timeoutMs: 0 } });
  assert.equal(late.entries.length, 0);
  assert.deepEqual(late.notes, ['journal: looked at for at most 0 ms, more may have been left out']);
});

test('readJournalWindow() has what followed the crash also when what came before uses up the budget', async (t) => {
  const { write, sync, read } = await stage(t);
  for (let number = 0; number < 100; number++) write({ MESSAGE: `before ${number}`, PRIORITY: '4' });
  await sync();
  const crashUs = nowUs();
  await afterCrash();
  for (let number = 0; number < 100; number++) write({ MESSAGE: `after ${number}`, PRIORITY: '4' });
  await sync();
  const { entries } = read({ pid: 2 ** 22 + 1, crashUs, options: { maxScanned: 40, maxEntries: 40 } });
  const messages = entries.map(({ message }) => message);
  assert.deepEqual(
    [messages[0], messages[29], messages[30], messages.length],
    ['before 70', 'before 99', 'after 0', 40],
  );
});

test("readJournalWindow() has the kernel's lines about a real segfault", async (t) => {
  await ensureJournald(t);
  const directory = mkdtempSync(join(tmpdir(), 'journal-window-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'faulty');
  writeFileSync(`${program}.c`, 'int main(void) { return *(volatile int *)8; }');
  execFileSync('gcc', ['-o', program, `${program}.c`]);
  // The kernel's rate limit for such lines is 10 in 5 s, and other tests crash too.
  for (let attempt = 0; attempt < 10; attempt++) {
    const child = spawn(program, { cwd: directory, stdio: 'ignore' });
    await once(child, 'exit');
    await syncJournal({ timeoutMs: 5000 });
    const pid = child.pid ?? 0;
    const window = readJournalWindow({
      pid,
      bootId,
      unit: null,
      crashUs: nowUs(),
      nowUs: nowUs() + 1_000_000,
    });
    assert.ok('entries' in window);
    const [segfault, code] = window.entries.filter(({ why }) => why === 'kernel');
    if (segfault === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      continue;
    }
    assert.match(segfault.message, new RegExp(`^faulty\\[${pid}\\]: segfault at 8 ip`));
    assert.equal(segfault.pid, null);
    assert.equal(segfault.identifier, 'kernel');
    assert.match(code?.message ?? '', /^Code: /);
    return;
  }
  t.skip('the kernel logs no segfaults here (debug.exception-trace)');
});

test('readJournalWindow() says why there is nothing to read', () => {
  const request = { pid: 1, bootId, unit: null, crashUs: nowUs(), nowUs: nowUs() };
  const none = readJournalWindow({ ...request, options: { journal: { namespace: 'usercrash-never-ran' } } });
  assert.ok('missing' in none);
  const gone = readJournalWindow({ ...request, options: { journal: { library: 'libnone.so.0' } } });
  assert.match('missing' in gone ? gone.missing : '', /^the journal cannot be read: libnone\.so\.0/);
});

test('readJournalWindow() for one user has what processes of that user logged, and nothing of kernel and machine', async (t) => {
  const { write, sync, read } = await stage(t);
  write({ MESSAGE: 'own', PRIORITY: '6', SYSLOG_IDENTIFIER: 'own' });
  write({ MESSAGE: 'own warning', PRIORITY: '4', SYSLOG_IDENTIFIER: 'own' });
  await sync();
  const uid = process.getuid?.() ?? 0;
  const messages = (request: Partial<JournalWindowRequest>) =>
    ours(read(request).entries).map(({ message }) => message);
  assert.deepEqual(messages({ onlyUid: uid }), ['own', 'own warning']);
  assert.deepEqual(messages({ onlyUid: uid, pid: process.pid + 1 }), []);
  assert.deepEqual(messages({ pid: process.pid + 1 }), ['own warning']);
  assert.deepEqual(messages({ onlyUid: uid + 1 }), []);
});
