import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CrashEvent } from '../../protocol/codec.ts';
import { historyLine, type Outcome } from '../../server/history-line.ts';
import { HistoryTail } from '../../server/history-tail.ts';
import { testDirectories, testEvent } from './test-server.ts';

const line = (event: CrashEvent, outcome: Outcome) => `${historyLine(event, outcome)}\n`;

test('HistoryTail gives the last line of each crash, from both files, and passes over what is no line', async (t) => {
  const { logDir } = testDirectories(t);
  mkdirSync(logDir, { recursive: true });
  const [old, twice, repeated, none] = [testEvent(), testEvent(), testEvent(), testEvent()];
  const hostile = testEvent({ executable: Buffer.from(`/x/"crashId":"${none.crashId}"`) });
  writeFileSync(
    join(logDir, 'history.1'),
    line(old, { collected: 'full', slot: 3 }) + line(twice, { collected: 'pending', reason: 'it waits' }),
  );
  writeFileSync(
    join(logDir, 'history'),
    [
      line(twice, { collected: 'full', slot: 4 }),
      line(repeated, { collected: 'repeat', repeatOf: none.crashId }),
      line(hostile, { collected: 'full', slot: 5 }),
      `{"torn":1,"crashId":"${old.crashId}"`,
    ].join(''),
  );
  const history = new HistoryTail(logDir);
  assert.equal((await history.lastOf(old.crashId))?.slot, 3);
  assert.equal((await history.lastOf(twice.crashId))?.slot, 4);
  assert.equal((await history.lastOf(repeated.crashId))?.collected, 'repeat');
  assert.equal(await history.lastOf(none.crashId), null);
  // It is read once: what comes later is for the next look.
  appendFileSync(join(logDir, 'history'), `\n${line(none, { collected: 'full', slot: 6 })}`);
  assert.equal(await history.lastOf(none.crashId), null);
  assert.equal((await new HistoryTail(logDir).lastOf(none.crashId))?.slot, 6);
});
