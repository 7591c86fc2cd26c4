import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cageUser } from '../../analysis/cage/cage-user.ts';
import { startGdbProcess } from '../../analysis/gdb/gdb-process.ts';
import { GdbSession, type GdbSessionOptions } from '../../analysis/gdb/gdb-session.ts';

const root = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
after(() => rmSync(root, { recursive: true }));

const OPTIONS: GdbSessionOptions = {
  gdbPath: '/usr/bin/gdb',
  descriptors: [],
  cwd: '/',
  root,
  seen: [],
  user: cageUser(),
  memoryBytes: 256 * 1024 ** 2,
  runMs: 10_000,
  commandMs: 5000,
  outputBytes: 1024 ** 2,
};

test('GdbSession answers commands that were sent at once in their order, errors included', async (t) => {
  const gdb = new GdbSession(OPTIONS);
  t.after(() => gdb.close());
  const [one, two, three] = await Promise.all([
    gdb.sendConsole('echo say "hi\\\\"\\n'),
    gdb.send('-no-such-command'),
    gdb.sendConsole('print 6 * 7'),
  ]);
  assert.equal(one?.ok === true && one.text, 'say "hi\\"\n');
  assert.match(two?.ok === false ? two.reason : '', /Undefined MI command/);
  assert.equal(three?.ok === true && three.text, '$1 = 42\n');
  assert.match(gdb.version ?? '', /^GNU gdb /);
});

test('GdbSession interrupts a command that takes too long and goes on with the next', async (t) => {
  const gdb = new GdbSession({ ...OPTIONS, commandMs: 500 });
  t.after(() => gdb.close());
  await gdb.send('-gdb-set confirm off');
  const [slow, next] = await Promise.all([
    gdb.sendConsole('python for i in range(10**12): pass'),
    gdb.sendConsole('print 6 * 7'),
  ]);
  assert.equal(slow?.ok, false);
  assert.equal(next?.ok === true && next.text, '$1 = 42\n');
});

test('GdbSession outlives a gdb that wants more memory than it may have', async (t) => {
  const gdb = new GdbSession(OPTIONS);
  t.after(() => gdb.close());
  const reply = await gdb.sendConsole('python x = bytearray(1 << 30)');
  assert.equal(reply.ok, false);
});

test('GdbSession refuses a command of more than one line', async (t) => {
  const gdb = new GdbSession(OPTIONS);
  t.after(() => gdb.close());
  assert.throws(() => gdb.send('-gdb-set width 0\nshell id'), TypeError);
});

test('GdbSession answers with the reason once it is closed', async () => {
  const gdb = new GdbSession(OPTIONS);
  const pending = gdb.send('-gdb-set width 0');
  gdb.close();
  assert.equal((await pending).ok, false);
  assert.deepEqual(await gdb.send('-gdb-set width 0'), { ok: false, reason: 'gdb was ended' });
});

test('startGdbProcess() sets limits, priority and environment before gdb has read a command', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-test-'));
  chmodSync(directory, 0o755);
  t.after(() => rmSync(directory, { recursive: true }));
  const gdbPath = join(directory, 'gdb');
  const show =
    'read -r line\ncat /proc/$$/limits\ncut -d" " -f19 /proc/$$/stat\ntr "\\0" "\\n" < /proc/$$/environ';
  writeFileSync(gdbPath, `#!/bin/sh\n${show}\n`, { mode: 0o755 });
  const gdb = startGdbProcess({ ...OPTIONS, gdbPath, cpuSeconds: 21 });
  t.after(() => gdb.kill());
  gdb.stdin.write('\n');
  let text = '';
  gdb.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  const reason = await gdb.ended;
  assert.equal(reason, 'gdb ended with exit code 0');
  assert.match(text, /Max data size +268435456 +268435456/);
  assert.match(text, /Max address space +17448304640 /);
  assert.match(text, /Max cpu time +21 +21/);
  assert.match(text, /Max core file size +1 +1 /);
  assert.match(text, /^19$/m);
  const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]).sort();
  const allowed = ['HOME', 'LC_ALL', 'PYTHONDONTWRITEBYTECODE', 'PYTHONNOUSERSITE', 'PYTHONSAFEPATH', 'TERM'];
  assert.deepEqual(names, allowed);
});
