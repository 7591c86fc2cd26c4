import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeMessage } from '../../protocol/codec.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { readHistory } from '../../report/read-history.ts';
import { historyLines } from './client-side.ts';
import { startTestServer, testDirectories, testEvent } from './test-server.ts';

/** What was captured of it is damaged: every client that is started for it fails. */
test('server: a crash whose every analysis failed is pending, once, until it has its report', async (t) => {
  const directories = testDirectories(t);
  const event = testEvent();
  const first = await startTestServer(t, directories);
  const names = pendingFiles(directories.logDir, event.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', event));
  for (const name of ['core', 'captured'] as const) writeFileSync(names[name], `${name} x`);
  await first.logged('analysis-given-up');
  const states = () => historyLines(directories).map(({ collected, slot }) => [collected, slot]);
  assert.deepEqual(states(), [['pending', null]]);
  assert.match(String(historyLines(directories)[0]?.['reason']), /analysis failed 3 times/);
  await first.stop();
  const second = await startTestServer(t, directories);
  await second.logged('analysis-given-up');
  assert.deepEqual(states(), [['pending', null]]);
  for (const name of ['json', 'text'] as const) writeFileSync(names[name], `${name} x`);
  await second.logged('report-published');
  assert.deepEqual(states(), [
    ['pending', null],
    ['full', 0],
  ]);
  const told = [];
  for await (const { collected } of readHistory(directories.logDir)) told.push(collected);
  assert.deepEqual(told, ['full']);
});
