import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { MAX_RECORD_BYTES, RecordError, readRecord, readRecordFile } from '../../report/read-record.ts';
import { renderJson } from '../../report/render-json.ts';
import { END_LINE, renderText } from '../../report/render-text.ts';
import { randomFrom } from '../random.ts';
import { sampleRecord } from './sample-record.ts';

function errorOf(json: string | Uint8Array): RecordError {
  try {
    readRecord(json);
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}

test('readRecord() gives back what renderJson() wrote', () => {
  assert.deepEqual(readRecord(renderJson(sampleRecord())), sampleRecord());
  assert.deepEqual(readRecord(Buffer.from(renderJson(sampleRecord()))), sampleRecord());
});

test('readRecord() names the first wrong field by its path', () => {
  const record = sampleRecord();
  const threads = record.threads?.map((thread) => ({ ...thread, pc: thread.crashed ? 'nonsense' : null }));
  const error = errorOf(JSON.stringify({ ...record, threads }));
  assert.equal(error.code, 'E_RECORD_FIELD');
  assert.equal(error.path, 'threads.4.pc');
  assert.match(error.message, /threads\.4\.pc/);
  const { machine: _, ...without } = record;
  assert.equal(errorOf(JSON.stringify(without)).path, 'machine');
});

test("readRecord() tells another version's report from a damaged one", () => {
  assert.deepEqual(
    ['{"schema":2}', '{"schema":"x"}', '{', '', '[]', 'null', '7'].map((json) => errorOf(json).code),
    [
      'E_RECORD_SCHEMA',
      ...['E_RECORD_FIELD', 'E_RECORD_JSON', 'E_RECORD_JSON'],
      ...Array(3).fill('E_RECORD_FIELD'),
    ],
  );
});

test('readRecord() passes over fields that it does not know', () => {
  const newer = { ...sampleRecord(), cause: 'later', process: { ...sampleRecord().process, colour: 1 } };
  assert.deepEqual(readRecord(JSON.stringify(newer)), sampleRecord());
});

test('readRecord() refuses a text over the limit before it parses it', () => {
  assert.equal(errorOf(Buffer.alloc(MAX_RECORD_BYTES + 1)).code, 'E_RECORD_TOO_LARGE');
});

test('readRecord() and renderText() bear a report with flipped bits', () => {
  const json = Buffer.from(renderJson(sampleRecord()));
  let readable = 0;
  for (let seed = 1; seed <= 1500; seed += 1) {
    const random = randomFrom(seed);
    const damaged = Buffer.from(json);
    const at = random(damaged.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
    try {
      const text = renderText(readRecord(damaged));
      readable += 1;
      assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/, `seed ${seed}`);
      assert.ok(text.endsWith(`${END_LINE}\n`), `seed ${seed}`);
    } catch (error) {
      if (!(error instanceof RecordError)) throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert.ok(readable > 100, `${readable} of 1500 could still be read`);
});

test('readRecord() takes a report cut at any length for what it is', () => {
  const json = renderJson({ ...sampleRecord(), maps: null, registers: null, threads: null });
  for (let length = 0; length < json.length - 2; length += 1) {
    assert.equal(errorOf(json.slice(0, length)).code, 'E_RECORD_JSON');
  }
});

test('readRecordFile() reads a file, and none over the limit', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'read-record-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'usercrash_00.json');
  writeFileSync(path, renderJson(sampleRecord()));
  assert.deepEqual(await readRecordFile(path), sampleRecord());
  truncateSync(path, 1024 ** 4);
  await assert.rejects(readRecordFile(path), { code: 'E_RECORD_TOO_LARGE' });
  await assert.rejects(readRecordFile(join(directory, 'none')), { code: 'ENOENT' });
});
