import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HistoryEntry } from '../../report/history.ts';
import { historyCounts } from '../../report/history-counts.ts';
import { readHistory } from '../../report/read-history.ts';
import { pendingNames, run, startCollecting } from './collecting.ts';
import { compileLoop, compileSingles, crashLoops } from './storm-programs.ts';

const CRASHES = 300;
const PROCESSES = 4;
const OTHERS = 12;
const DEFAULTS = ['--repeat-pause', '10', '--repeats-per-hour', '5', '--reports-per-minute', '60'];

async function storm(t: TestContext, mode: string): Promise<void> {
  const collecting = await startCollecting(t, [...DEFAULTS, '--mode', mode]);
  const { logDir, stateDir } = collecting.directories;
  const loop = compileLoop(join(stateDir, 'programs'));
  const others = compileSingles(join(stateDir, 'programs'), OTHERS);
  await Promise.all([crashLoops(loop, PROCESSES, CRASHES), ...others.map((program) => run(program))]);
  const entries = await settled(logDir, CRASHES + OTHERS, () => pendingNames(collecting).length === 0);
  const of = (program: string) => entries.filter((entry) => entry.program === program);
  assert.equal(of(loop).length, CRASHES);
  const full = of(loop).filter(({ collected }) => collected === 'full');
  assert.ok(full.length >= 1 && full.length <= 5, `${full.length} reports`);
  const reports = new Set(full.map(({ crashId }) => crashId));
  for (const { collected, repeatOf } of of(loop)) {
    if (collected === 'full') continue;
    assert.equal(collected, 'repeat');
    assert.ok(reports.has(repeatOf), `the report of ${repeatOf}`);
  }
  for (const program of others) {
    assert.deepEqual(
      of(program).map(({ collected }) => collected),
      ['full'],
      program,
    );
  }
  const counts = [...(await historyCounts(entries)).values()];
  assert.equal(counts.length, 1 + OTHERS);
  assert.equal(Math.max(...counts.map(({ count }) => count)), CRASHES);
  assert.doesNotMatch(
    collecting.server.log.join('\n'),
    /client-refused|analysis-failed|not-collected| error /,
  );
}

/** The history, once every crash is in it and none waits. */
async function settled(
  logDir: string,
  crashes: number,
  isDone: () => boolean,
): Promise<readonly HistoryEntry[]> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const entries: HistoryEntry[] = [];
    for await (const entry of readHistory(logDir)) entries.push(entry);
    if (entries.length >= crashes && isDone()) return entries;
    assert.ok(Date.now() < deadline, `only ${entries.length} of ${crashes} crashes are in the history`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

for (const mode of ['pipe', 'socket']) {
  test(`a storm by ${mode} leaves a few reports and counts every crash, and others inside it get theirs`, (t) =>
    storm(t, mode));
}

test('a restart in the middle of a storm forgets no report', async (t) => {
  const collecting = await startCollecting(t, DEFAULTS);
  const { logDir, stateDir } = collecting.directories;
  const loop = compileLoop(join(stateDir, 'programs'));
  await crashLoops(loop, 1, 5);
  await settled(logDir, 5, () => pendingNames(collecting).length === 0);
  await collecting.server.stop();
  await collecting.restart();
  await collecting.server.logged(' collecting ');
  await crashLoops(loop, 1, 5);
  const entries = await settled(logDir, 10, () => pendingNames(collecting).length === 0);
  // Machines differ in how long a restart takes: two reports are ten seconds apart at least.
  const full = entries.filter(({ collected }) => collected === 'full').map(({ at }) => at.us);
  assert.ok(full.length <= 2, `${full.length} reports`);
  if (full.length === 2) assert.ok(Math.abs((full[0] ?? 0) - (full[1] ?? 0)) >= 10e6);
  assert.equal((await historyCounts(entries)).size, 1);
});
