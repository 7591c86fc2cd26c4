import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseStat } from '../../../capture/proc/parse-stat.ts';
import { damage } from './damage.ts';

test('parseStat() reads a real process whose name has spaces, parentheses and a newline', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'parse-stat-'));
  const program = join(directory, 'a) R (1\n2');
  copyFileSync('/bin/sleep', program);
  const child = spawn(program, ['60']);
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  await once(child, 'spawn');
  const stat = parseStat(readFileSync(`/proc/${child.pid}/stat`));
  assert.deepEqual(
    [stat?.pid, stat?.comm.toString(), stat?.parentPid, stat?.threadCount],
    [child.pid, 'a) R (1\n2', process.pid, 1],
  );
  const uptimeTicks = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 100;
  assert.ok(stat && uptimeTicks - stat.startTicks < 2000 && uptimeTicks >= stat.startTicks - 1);
  assert.match(stat.state, /^[RSD]$/);
});

test('parseStat() names terminals', () => {
  const ttyOf = (device: number) =>
    parseStat(
      Buffer.from(`7 (x) S 1 7 7 ${device} -1 4194304 99 0 0 0 0 0 0 0 20 0 3 0 196612 3133440 411\n`),
    )?.tty;
  assert.deepEqual([0, 34816, 34819, 35074, 1025, 1088, 1281].map(ttyOf), [
    null,
    'pts/0',
    'pts/3',
    'pts/258',
    'tty1',
    'ttyS0',
    '5:1',
  ]);
});

test('parseStat() says null where a number is none that the kernel counts with', () => {
  const withNumbers = (parent: string, ticks: string) =>
    parseStat(
      Buffer.from(`7 (x) S ${parent} 7 7 0 -1 4194304 99 0 0 0 0 0 0 0 20 0 3 0 ${ticks} 3133440 411\n`),
    );
  assert.equal(withNumbers('1', '196612')?.startTicks, 196_612);
  for (const wrong of ['-1', '9007199254740993', '18446744073709551615']) {
    assert.equal(withNumbers('1', wrong), null);
    assert.equal(withNumbers(wrong, '196612'), null);
  }
});

test('parseStat() never throws, and says null rather than half a start time', () => {
  const bytes = readFileSync('/proc/self/stat');
  damage(bytes, (damaged) => parseStat(damaged));
  const whole = parseStat(bytes);
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = parseStat(bytes.subarray(0, length));
    if (cut !== null) assert.deepEqual(cut, whole);
  }
});
