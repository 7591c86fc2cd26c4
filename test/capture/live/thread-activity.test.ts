import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { arch } from 'node:os';
import test from 'node:test';
import { parseSystemCall, threadActivity, threadState } from '../../../capture/live/thread-activity.ts';
import { damage } from '../proc/damage.ts';

test('threadActivity() tells where a thread sleeps', { skip: arch() !== 'x64' }, async (t) => {
  const child = spawn('sh', ['-c', 'echo ready; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  const deadline = performance.now() + 5000;
  while (threadState(pid, pid) !== 'S' && performance.now() < deadline);
  const activity = threadActivity(pid, pid);
  assert.deepEqual([activity.state, activity.systemCall, activity.registers?.[0]], ['S', 0, 0n]);
  assert.match(activity.waitChannel ?? '', /read/);
  assert.match(activity.kernelStack?.toString() ?? '', /^\[<0>\] \w+\+0x/);
});

test('threadActivity() of a thread that is gone says nothing', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  const pid = child.pid ?? 0;
  assert.deepEqual(threadActivity(pid, pid), {
    state: '',
    systemCall: null,
    registers: null,
    waitChannel: null,
    kernelStack: null,
  });
});

test('parseSystemCall() reads the forms that the kernel writes, and nothing else', () => {
  const line = '202 0x7ffe1fa55fc8 0x80 0x0 0x0 0x0 0xffffffff 0x7ffe1fa55c80 0x7f8738a19df2\n';
  const { systemCall, registers } = parseSystemCall(line);
  assert.deepEqual([systemCall, registers?.length, registers?.at(-1)], [202, 8, 0x7f8738a19df2n]);
  assert.deepEqual(parseSystemCall('-1 0x7ffe1fa55c80 0x7f8738a19df2\n'), {
    systemCall: null,
    registers: [0x7ffe1fa55c80n, 0x7f8738a19df2n],
  });
  for (const other of ['running\n', '', '202\n', '1 2 3', 'x 0x1 0x2']) {
    assert.deepEqual(parseSystemCall(other), { systemCall: null, registers: null }, other);
  }
  damage(Buffer.from(line), (damaged) => parseSystemCall(damaged.toString('latin1')));
});
