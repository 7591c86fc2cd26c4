import assert from 'node:assert/strict';
import test from 'node:test';
import { readRecord } from '../../report/read-record.ts';
import type { Activity, Record as CrashRecord } from '../../report/record.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText, TEXT_SECTION_NAMES } from '../../report/render-text.ts';
import { NOT_SELECTED, selectSections } from '../../report/select-sections.ts';
import { sampleRecord } from './sample-record.ts';

const SLEEPS: Activity = {
  state: 'sleeping',
  systemCall: 'epoll_wait',
  waitChannel: 'do_epoll_wait',
  kernelStack: ['[<0>] do_epoll_wait+0x1/0x2'],
  signal: null,
};

/** The sample as it would have been alive: its first thread at `activities[0]` and so on, the rest asleep. */
function liveRecord(...activities: Activity[]): CrashRecord {
  const record = sampleRecord();
  record.threads?.sort((one, other) => Number(other.crashed) - Number(one.crashed));
  for (const [index, thread] of (record.threads ?? []).entries()) {
    thread.crashed = false;
    thread.activity = activities[index] ?? SLEEPS;
  }
  const collection = { ...record.collection, mode: 'live', stoppedMs: 8.4123 };
  return { ...record, kind: 'live', signal: null, signature: null, collection };
}

const headOf = (record: CrashRecord) => renderText(record).split('\n').slice(3, 12);

test('renderText() of a live process begins with what its threads are at, and for how long it was stopped', () => {
  const record = liveRecord({ ...SLEEPS, state: 'running', systemCall: null, waitChannel: null });
  const count = record.threads?.length ?? 0;
  const head = headOf(record);
  assert.equal(
    head[0],
    `Live       ${count} threads: ${count - 1} sleeping in epoll_wait, 1 running; stopped for 8.4 ms`,
  );
  assert.match(head[1] ?? '', /^Where +process_data \(app\.c:142\)/);
  const text = renderText(record);
  assert.doesNotMatch(text, /^(Crash|Signature)/m);
  assert.doesNotMatch(text, /, crashed$/m);
  assert.match(text, /^More +small core of .*, not kept/m);
  assert.match(text, /^Stopped +8\.4 ms$/m);
});

test('renderText() of a live process shows each thread with what it is at, the first one in Backtrace', () => {
  const record = liveRecord(
    { ...SLEEPS, state: 'stopped', signal: 'SIGSTOP', systemCall: 'read', waitChannel: null },
    { ...SLEEPS, signal: 'SIGTERM', waitChannel: null },
  );
  const [first, second] = record.threads ?? [];
  const text = renderText(record, ['threads', 'backtrace']);
  assert.ok(text.startsWith(`== Backtrace ==\nThread ${first?.tid} ${first?.name}\n#0 `), text);
  assert.ok(
    text.includes(`\nThread ${first?.tid} ${first?.name}\nstopped by SIGSTOP in read\nsee Backtrace\n`),
  );
  assert.ok(
    text.includes(`${second?.tid} ${second?.name}\nsleeping in epoll_wait, about to take SIGTERM\n#0 `),
  );
});

test('renderText() of a live process escapes what it was at: a report may come from anybody', () => {
  const record = liveRecord({ ...SLEEPS, state: 'run\x1b[2J', systemCall: 'x\ny', waitChannel: '\u202e' });
  assert.ok(renderText(record).includes('run\\x1b[2J in x\\ny (\\u202e)'));
});

test('renderText() counts activities, and says how many it does not name', () => {
  const record = liveRecord();
  const [thread] = record.threads ?? [];
  assert.ok(thread);
  record.threads = Array.from({ length: 20 }, (_, index) => ({
    ...thread,
    tid: index + 1,
    activity: { ...SLEEPS, systemCall: `call_${String(Math.min(index, 9)).padStart(2, '0')}` },
  }));
  const head = headOf(record).slice(0, 2).join(' ');
  assert.match(
    head,
    /^Live +20 threads: 11 sleeping in call_09, .*, 4 at something else; stopped for 8\.4 ms$/,
  );
});

test('renderText() of a core says whether its process has crashed', () => {
  const record: CrashRecord = { ...sampleRecord(), kind: 'core' };
  assert.match(headOf(record)[0] ?? '', /^Crash +SIGSEGV, address not mapped/);
  for (const thread of record.threads ?? []) thread.crashed = false;
  assert.match(headOf(record)[0] ?? '', /^Crash +none: the core was made of a live process, SIGSEGV/);
  assert.match(
    headOf({ ...record, signal: null })[0] ?? '',
    /^Crash +none: the core was made of a live process$/,
  );
  assert.match(renderText(record), /^Machine +not told by a core, x86_64, file of 2026-/m);
});

test('readRecord() reads a live record back', () => {
  const record = liveRecord();
  assert.deepEqual(readRecord(Buffer.from(renderJson(record))), record);
});

test('selectSections() leaves a whole record, in which what was not selected says so', () => {
  for (const name of TEXT_SECTION_NAMES) {
    const selected = selectSections(sampleRecord(), [name]);
    assert.deepEqual(readRecord(Buffer.from(renderJson(selected))), selected, name);
    // What a text report of the section alone shows is the same from both.
    // Collection lists what is missing.
    if (name !== 'collection')
      assert.equal(renderText(selected, [name]), renderText(sampleRecord(), [name]), name);
    const others = TEXT_SECTION_NAMES.filter((other) => other !== name && !['collection'].includes(other));
    for (const other of others) {
      if (name === 'threads' && other === 'backtrace') continue; // The frames of all threads are in it.
      assert.equal(selected.missing[other], NOT_SELECTED, `${other} with ${name}`);
    }
  }
});
