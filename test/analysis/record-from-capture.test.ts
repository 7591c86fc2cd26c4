import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readMachine } from '../../analysis/machine.ts';
import { type CrashFacts, NOT_ANALYSED, recordFromCapture } from '../../analysis/record-from-capture.ts';
import type { Captured } from '../../capture/captured.ts';
import { bytesOfText } from '../../report/bytes-text.ts';
import { readRecord } from '../../report/read-record.ts';
import { recordSchema } from '../../report/record-schema.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText } from '../../report/render-text.ts';
import { capturedProcess } from './captured-process.ts';

async function sleeper(
  t: TestContext,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; captured: Captured }> {
  const child = spawn('/bin/sleep', ['60', '0.5'], {
    cwd: '/usr',
    env: environment,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  // Until then it maps its libraries, and opens and closes files.
  while (!/\) S /.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'))) await setImmediate();
  const captured = capturedProcess(child.pid ?? 0);
  t.after(() => {
    for (const { fd } of captured.modules) if (fd !== null) closeSync(fd);
  });
  return { child, captured };
}

function factsOf(captured: Captured): CrashFacts {
  const { bootId } = readMachine().machine;
  const { pid } = captured.snapshot;
  return {
    usercrash: '0.1.0',
    crashId: `${bootId}-${pid}-1-${Date.now() * 1000}`,
    atUs: Date.now() * 1000,
    mode: 'pipe',
    kind: 'crash',
    ...{ pid, tid: pid, namespacePid: pid, namespaceTid: pid, uid: 0, gid: 0, dumpable: 1, signalNumber: 11 },
    notes: ['a note of the client'],
    steps: [{ name: 'captured', atMs: 3 }],
  };
}

test('recordFromCapture() tells everything that needs no gdb, of a real process', async (t) => {
  const { child, captured } = await sleeper(t, { LANG: 'C', ODD: '\x1b[0m\\' });
  const record = recordFromCapture({ captured, event: factsOf(captured), machine: readMachine() });
  assert.deepEqual(recordSchema.parse(record), record);
  const { process: identity } = record;
  assert.equal(identity.comm, 'sleep');
  assert.deepEqual(identity.commandLine, ['/bin/sleep', '60', '0.5']);
  assert.deepEqual(identity.environment?.toSorted(), ['LANG=C', 'ODD=\x1b[0m\\\\']);
  assert.deepEqual(
    [identity.exe, identity.exeDeleted, identity.cwd, identity.root],
    ['/usr/bin/sleep', false, '/usr', '/'],
  );
  assert.deepEqual(identity.parent, {
    pid: process.pid,
    comm: readFileSync('/proc/self/comm', 'utf8').trim(),
  });
  assert.equal(identity.user, 'root');
  assert.equal(identity.package?.name, 'coreutils');
  assert.ok(
    (identity.uptimeMs ?? -1) >= 0 && (identity.uptimeMs ?? 1e9) < 20_000,
    `${identity.uptimeMs} ms up`,
  );
  assert.equal(identity.status?.find(({ name }) => name === 'Pid')?.value, String(child.pid));
  assert.equal(identity.limits?.length, 16);
  assert.deepEqual(record.openFiles?.files[1], {
    fd: 1,
    target: '/dev/null',
    flags: 'read,write',
    position: 0,
  });
  assert.ok(record.maps?.some(({ path }) => path === '[stack]'));
  assert.deepEqual(
    record.threads?.map(({ tid, name, crashed }) => [tid, name, crashed]),
    [[child.pid, 'sleep', true]],
  );
  assert.equal(record.threads?.[0]?.pc, record.modules?.[0]?.base);
  assert.equal(record.signal?.codeName, 'SEGV_MAPERR');
  assert.deepEqual(record.collection.notes, ['a note of the client', 'a warning of the notes']);
  assert.deepEqual(record.collection.core, {
    bytes: 4096,
    compressedBytes: null,
    budgetBytes: 8192,
    omitted: ['a stack'],
    gaps: [],
  });
  for (const section of ['backtrace', 'stack', 'memory', 'code', 'source', 'journal']) {
    assert.equal(record.missing[section], NOT_ANALYSED);
  }
});

test('recordFromCapture() makes a record whose text can be made from its JSON', async (t) => {
  const { captured } = await sleeper(t);
  const record = recordFromCapture({ captured, event: factsOf(captured), machine: readMachine() });
  const text = renderText(record);
  assert.equal(renderText(readRecord(renderJson(record))), text);
  assert.match(text, /^== Backtrace ==\nnot available: analysis has not run$/m);
  assert.match(text, /^Where {6}0x[0-9a-f]{16} in \/usr\/bin\/sleep\+0x0, thread sleep$/m);
});

test('recordFromCapture() says what could not be read, and keeps the rest', async (t) => {
  const { captured } = await sleeper(t);
  const { snapshot } = captured;
  const gone = {
    stat: null,
    status: null,
    threadStatus: null,
    cmdline: null,
    environ: null,
    limits: null,
    cgroup: null,
    maps: null,
    kernelStack: null,
  };
  const failures = new Map([
    ['maps', 'maps: EACCES'],
    ['environ', 'ESRCH'],
  ]);
  const bare: Captured = {
    ...captured,
    head: { ...captured.head, threads: [], signal: null },
    core: null,
    modules: [],
    snapshot: {
      ...snapshot,
      ...gone,
      ...{ exe: null, cwd: null, root: null, parentComm: null, threadNames: new Map(), failures },
      ...{ descriptors: [], descriptorCount: null },
    },
  };
  const record = recordFromCapture({
    captured: bare,
    event: factsOf(captured),
    machine: { ...readMachine(), bootedUs: null },
  });
  assert.deepEqual(recordSchema.parse(record), record);
  assert.equal(record.missing['maps'], 'maps: EACCES');
  assert.deepEqual(
    ['threads', 'registers', 'openFiles', 'kernel'].map((section) => record.missing[section]),
    Array(4).fill('not collected'),
  );
  assert.ok(record.collection.notes.includes('environ: ESRCH'));
  assert.deepEqual([record.signal?.name, record.signal?.code], ['SIGSEGV', null]);
  assert.match(renderText(record), /^Crash {6}SIGSEGV$/m);
});

test('recordFromCapture() bounds what a process may hold, and says so', async (t) => {
  const { captured } = await sleeper(t);
  const snapshot = {
    ...captured.snapshot,
    environ: Buffer.from('A=\xff\0'.repeat(100_000), 'latin1'),
    cmdline: Buffer.alloc(6_000_000),
  };
  const record = recordFromCapture({
    captured: { ...captured, snapshot },
    event: factsOf(captured),
    machine: readMachine(),
  });
  assert.equal(record.process.environment?.length, 4096);
  assert.deepEqual(bytesOfText(record.process.environment?.[0] ?? ''), Buffer.from('A=\xff', 'latin1'));
  assert.equal(record.process.commandLine?.length, 4096);
  assert.ok(record.collection.notes.includes('environment: the first 4096 strings of 400000 bytes in all'));
});
