import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { renderJson } from '../../report/render-json.ts';
import { outcomeOfReport } from '../../server/outcome-of-report.ts';
import { sampleRecord } from '../report/sample-record.ts';

function fileFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'outcome-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'json');
}

async function outcomeOf(path: string, text: string) {
  writeFileSync(path, text);
  const json = await open(path, 'r');
  try {
    return await outcomeOfReport(json);
  } finally {
    await json.close();
  }
}

test('outcomeOfReport() finds signature and durations in a report', async (t) => {
  const record = sampleRecord();
  record.signature = { text: 'SIGSEGV | f\n"x" | main', hash: '0011223344556677' };
  record.collection.steps = [
    { name: 'released', atMs: 3.5 },
    { name: 'stored', atMs: 20 },
    { name: 'analysed', atMs: 150 },
  ];
  assert.deepEqual(await outcomeOf(fileFor(t), renderJson(record)), {
    signature: record.signature,
    heldMs: 3.5,
    analysisMs: 130,
  });
});

test('outcomeOfReport() takes the time of an analysis that was done later from its own clock', async (t) => {
  const record = sampleRecord();
  record.signature = null;
  record.collection.steps = [
    { name: 'stored', atMs: 200 },
    { name: 'analysed', atMs: 150 },
  ];
  assert.deepEqual(await outcomeOf(fileFor(t), renderJson(record)), { analysisMs: 150 });
});

test('outcomeOfReport() leaves out what it cannot understand, wherever the report was cut', async (t) => {
  const path = fileFor(t);
  for (const text of [
    '',
    '{}',
    'no json',
    '\n"signature":',
    '\n"signature":{"text":1},\n"collection":[],\n',
  ]) {
    assert.deepEqual(await outcomeOf(path, text), {}, text);
  }
  const whole = renderJson(sampleRecord());
  const outcome = await outcomeOf(path, whole);
  for (let length = 0; length < whole.length; length += 997) {
    for (const [name, value] of Object.entries(await outcomeOf(path, whole.slice(0, length)))) {
      assert.deepEqual(value, outcome[name as keyof typeof outcome]);
    }
  }
});
