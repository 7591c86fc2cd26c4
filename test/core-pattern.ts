import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from '../linux/flock.ts';

const CORE_PATTERN = '/proc/sys/kernel/core_pattern';
const CORE_PIPE_LIMIT = '/proc/sys/kernel/core_pipe_limit';
const LOCK = '/run/lock/usercrash-test-core-pattern';
/** Whoever holds this one is next: a process that takes the lock again and again would leave no gap for the others. */
const NEXT = `${LOCK}-next`;

/**
 * Takes the machine's core_pattern for one test: waits for the other tests that want it, and puts the old values
 * back when the test ends. The old values also stand in the lock file, so that the next test mends what a killed
 * one left behind.
 *
 * @param t The test, or whoever else calls what is given to `after` when it ends.
 * @param pattern What to set at once; without it the test may set the pattern as it goes.
 */
export async function takeCorePattern(
  t: { after(fn: () => void): void; signal?: AbortSignal },
  pattern?: string,
): Promise<void> {
  mkdirSync(dirname(LOCK), { recursive: true });
  const next = await locked(NEXT, t.signal);
  let lock: number;
  try {
    lock = await locked(LOCK, t.signal);
  } finally {
    closeSync(next);
  }
  const left = readAll(lock);
  const saved =
    left === ''
      ? [readFileSync(CORE_PIPE_LIMIT, 'latin1'), readFileSync(CORE_PATTERN, 'latin1')]
      : left.split('\n');
  const [limit = '0', old = 'core'] = saved.map((value) => value.trimEnd());
  const restore = () => {
    writeFileSync(CORE_PIPE_LIMIT, limit);
    writeFileSync(CORE_PATTERN, old);
    ftruncateSync(lock);
    closeSync(lock);
  };
  ftruncateSync(lock);
  writeSync(lock, `${limit}\n${old}`);
  t.after(restore);
  writeFileSync(CORE_PIPE_LIMIT, limit);
  writeFileSync(CORE_PATTERN, pattern ?? old);
}

/** @returns A descriptor; the lock is gone when it is closed. */
async function locked(path: string, signal: AbortSignal | undefined): Promise<number> {
  const lock = openSync(path, 'a+', 0o600);
  while (!tryLock(lock)) {
    await sleep(20);
    if (signal?.aborted !== true) continue;
    // Nobody would give the lock back: what `after` is told then is never done.
    closeSync(lock);
    throw new Error('the test ended while it waited for core_pattern');
  }
  return lock;
}

function readAll(fd: number): string {
  const buffer = Buffer.alloc(512);
  return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
}
