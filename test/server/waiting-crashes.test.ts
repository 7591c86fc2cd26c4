import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeMessage } from '../../protocol/codec.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { readHistory } from '../../report/read-history.ts';
import { historyLines } from './client-side.ts';
import { startTestServer, testDirectories, testEvent } from './test-server.ts';

/** What was captured of it is damaged: every client that is started for it fails. */
test('server: a crash whose every analysis failed is pending until it has its report', async (t) => {
  const directories = testDirectories(t);
  const event = testEvent();
  const first = await startTestServer(t, directories);
  const names = pendingFiles(directories.logDir, event.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', event));
  for (const name of ['core', 'captured'] as const) writeFileSync(names[name], `${name} x`);
  await first.logged('analysis-given-up');
  const lines = () => historyLines(directories).map(({ collected, reason }) => [collected, reason]);
  const failed = ['pending', 'analysis failed 3 times; what was captured is in .pending'];
  const waiting = lines();
  assert.ok(waiting.every(([collected]) => collected === 'pending'));
  assert.deepEqual([waiting[0], waiting.at(-1)], [['pending', 'it waits for its analysis'], failed]);
  await first.stop();
  const second = await startTestServer(t, directories);
  await second.logged('analysis-given-up');
  assert.deepEqual(lines(), waiting);
  for (const name of ['json', 'text'] as const) writeFileSync(names[name], `${name} x`);
  await second.logged('report-published');
  assert.deepEqual(lines().slice(waiting.length), [['full', null]]);
  const told = [];
  for await (const { collected } of readHistory(directories.logDir)) told.push(collected);
  assert.deepEqual(told, ['full']);
});
