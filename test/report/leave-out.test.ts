import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveOutMemory } from '../../report/leave-out-memory.ts';
import { leaveOutOthers } from '../../report/leave-out-others.ts';
import { renderJson } from '../../report/render-json.ts';
import { renderText } from '../../report/render-text.ts';
import { sampleRecord } from './sample-record.ts';

test('leaveOutMemory() leaves registers and frames, and nothing that comes from memory', () => {
  const whole = sampleRecord();
  const record = { ...sampleRecord(), readers: 'root' };
  record.process.dumpable = 2;
  leaveOutMemory(record);
  assert.deepEqual(record.registers, whole.registers);
  const named = (frames: typeof whole.threads) =>
    frames?.map((thread) =>
      thread.frames?.map(({ function: name, file, line, pc }) => [name, file, line, pc]),
    );
  assert.deepEqual(named(record.threads), named(whole.threads));
  const frames = whole.threads?.flatMap((thread) => thread.frames ?? []) ?? [];
  const values = frames.flatMap(({ arguments: given, locals }) => [...(given ?? []), ...(locals ?? [])]);
  const strings = [
    ...values.map(({ value }) => value ?? ''),
    ...(whole.process.environment ?? []),
    ...(whole.process.commandLine ?? []).slice(1),
    ...(whole.stack ?? []).map(({ note }) => note ?? ''),
    ...(whole.memory ?? []).map(({ hex }) => hex),
  ].filter((text) => text.length > 8);
  assert.ok(strings.length > 10);
  const written = renderText(record) + renderJson(record);
  for (const text of strings) assert.ok(!written.includes(text), text);
  assert.match(renderText(record), /^Left out {3}memory, values of variables/m);
});

test('leaveOutOthers() leaves no kernel stack', () => {
  const record = { ...sampleRecord(), readers: 'owner' };
  leaveOutOthers(record);
  assert.equal(record.kernelStack, null);
  const text = renderText(record);
  assert.match(
    text,
    /^== Kernel ==\nnot available: left out: the user of the process may read this report$/m,
  );
  assert.match(text, /^Left out {3}other users' lines of the journal/m);
});
