import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import test from 'node:test';
import { warmUp } from '../../client/warm-up.ts';

const BUDGET_BYTES = 8 * 1024 * 1024;

test('warmUp() captures a process of its own, and leaves neither it nor a descriptor', async () => {
  const before = openFiles();
  const rounds = await warmUp(BUDGET_BYTES, new AbortController().signal);
  assert.equal(rounds, 15);
  assert.deepEqual(children(), []);
  assert.deepEqual(openFiles(), before);
});

test('warmUp() ends when it is told to', async () => {
  const ending = new AbortController();
  const warming = warmUp(BUDGET_BYTES, ending.signal);
  ending.abort();
  assert.ok((await warming.catch(() => 0)) < 15);
  assert.deepEqual(children(), []);
});

/** Files and devices; what the event loop itself opens when it first starts a child is none. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((target) => target.startsWith('/') && !target.startsWith('/proc/'))
    .sort();
}

function targetOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return []; // That of the directory itself.
  }
}

/** Processes called `cat` that this one has started and not buried. */
function children(): string[] {
  return readFileSync('/proc/thread-self/children', 'latin1')
    .split(' ')
    .filter((pid) => pid.trim() !== '' && readFileSync(`/proc/${pid}/comm`, 'latin1') === 'cat\n');
}
