import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { arch } from 'node:os';
import test, { type TestContext } from 'node:test';
import {
  ptraceDetach,
  ptraceInterrupt,
  ptraceRegisterSet,
  ptraceSeize,
  ptraceSignalInfo,
} from '../../linux/ptrace.ts';
import { peekTraced, reapTraced } from '../../linux/waitid.ts';

/** A process that sleeps, and that nothing of the test outlives. */
async function sleeper(t: TestContext): Promise<number> {
  const child = spawn('sh', ['-c', 'echo ready; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

/** Node's main thread runs all tests of a file: the one that ptrace wants. */
function stopOf(tid: number) {
  const deadline = performance.now() + 5000;
  for (;;) {
    const state = peekTraced(tid);
    if (state.kind !== 'running') return state;
    assert.ok(performance.now() < deadline, 'it never stopped');
  }
}

const stateOf = (pid: number) => /^State:\t(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

test('ptrace stops a process without a signal, reads its registers and lets it go on', async (t) => {
  const pid = await sleeper(t);
  ptraceSeize(pid);
  ptraceInterrupt(pid);
  assert.deepEqual(stopOf(pid), { kind: 'stopped', signal: 5, event: 128 });
  // A second look sees the same: nothing was taken.
  assert.deepEqual(peekTraced(pid), { kind: 'stopped', signal: 5, event: 128 });
  const registers = ptraceRegisterSet(pid, 1, 1024);
  if (arch() === 'x64') {
    assert.equal(registers.length, 216);
    assert.equal(registers.readBigInt64LE(120), 0n, 'orig_rax: read(2)');
  }
  assert.equal(stateOf(pid), 't');
  ptraceDetach(pid, 0);
  assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^State:\t[SR].*^TracerPid:\t0$/ms);
});

test('ptrace says why a thread cannot be traced', async (t) => {
  assert.throws(() => ptraceSeize(2 ** 22 + 1), { code: 'ESRCH' });
  assert.throws(() => ptraceSeize(process.pid), { code: 'EPERM' });
  const pid = await sleeper(t);
  ptraceSeize(pid);
  assert.throws(() => ptraceSeize(pid), { code: 'EPERM' });
  assert.throws(() => ptraceRegisterSet(pid, 1, 1024), { code: 'ESRCH' }, 'it is not stopped');
  ptraceInterrupt(pid);
  stopOf(pid);
  ptraceDetach(pid, 0);
});

test('peekTraced() tells a signal that was stopped on its way, and its siginfo; detaching delivers it', async (t) => {
  const pid = await sleeper(t);
  ptraceSeize(pid);
  process.kill(pid, 'SIGTERM');
  assert.deepEqual(stopOf(pid), { kind: 'stopped', signal: 15, event: 0 });
  const information = ptraceSignalInfo(pid);
  assert.deepEqual([information.readInt32LE(0), information.readInt32LE(16)], [15, process.pid]);
  ptraceDetach(pid, 15);
  const deadline = performance.now() + 5000;
  while (stateOf(pid) !== 'Z' && performance.now() < deadline);
  assert.equal(stateOf(pid), 'Z');
});

test('reapTraced() takes the end of a traced process without its parent losing it', async (t) => {
  const child = spawn('sh', ['-c', 'echo ready; read line; exit 7'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  ptraceSeize(pid);
  child.stdin.end('\n');
  // Its parent is this very process, so that looking does not take it away from Node.
  assert.deepEqual(stopOf(pid), { kind: 'ended' });
  const [exitCode] = await once(child, 'exit');
  assert.equal(exitCode, 7);
  assert.throws(() => reapTraced(pid), { code: 'ECHILD' });
});
