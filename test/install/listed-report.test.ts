import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { listReports } from '../../install/listed-report.ts';
import { readRecordFile } from '../../report/read-record.ts';
import { randomFrom } from '../random.ts';
import { sampleFrame, sampleRecord } from '../report/sample-record.ts';
import { testDirectories } from '../server/test-server.ts';
import { publishedSample } from './published-sample.ts';

test('listReports() reads of a record what is read of the whole, whoever has laid it out', async (t) => {
  const { logDir } = testDirectories(t);
  const path = publishedSample(logDir, 3);
  const [report] = (await listReports(logDir)).reports;
  writeFileSync(`${path}.json`, JSON.stringify(await readRecordFile(`${path}.json`), null, 2));
  const [again] = (await listReports(logDir)).reports;
  assert.deepEqual({ ...again, bytes: 0 }, { ...report, bytes: 0 });
  const { crashId, signature, quickKey } = sampleRecord();
  assert.deepEqual(
    [report?.crashId, report?.signature, report?.quickKey, report?.where, report?.user, report?.units],
    [crashId, signature, quickKey, 'process_data (app.c:142)', 'deploy', ['app.service']],
  );
  assert.deepEqual([report?.slot, report?.problem, report?.repeats], [3, null, null]);
});

test('listReports() names file and offset where a crash has no name: a column has no room for path and address', async (t) => {
  const { logDir } = testDirectories(t);
  const path = publishedSample(logDir, 0);
  const record = await readRecordFile(`${path}.json`);
  const frame = {
    function: null,
    file: null,
    line: null,
    module: '/usr/bin/dash',
    moduleOffset: '000000000000ceda',
  };
  for (const thread of record.threads ?? []) thread.frames = [{ ...sampleFrame(0), ...frame }];
  writeFileSync(`${path}.json`, JSON.stringify(record));
  assert.equal((await listReports(logDir)).reports[0]?.where, 'dash+0xceda');
});

test('listReports() tells of every report something, however its JSON is damaged', async (t) => {
  const { logDir } = testDirectories(t);
  const path = publishedSample(logDir, 0);
  const whole = readFileSync(`${path}.json`);
  const seed = 20_261_130;
  const below = randomFrom(seed);
  const listed = async (json: Buffer, what: string) => {
    writeFileSync(`${path}.json`, json);
    const { reports } = await listReports(logDir);
    assert.equal(reports.length, 1, what);
    assert.ok(reports[0]?.problem !== null || reports[0].crashId !== null, what);
  };
  for (let length = 0; length < whole.length; length += 97)
    await listed(whole.subarray(0, length), `cut at ${length}`);
  for (let round = 0; round < 500; round += 1) {
    const damaged = Buffer.from(whole);
    for (let flips = 1 + below(3); flips > 0; flips -= 1) {
      const at = below(damaged.length);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << below(8));
    }
    await listed(damaged, `seed ${seed}, round ${round}`);
  }
});
