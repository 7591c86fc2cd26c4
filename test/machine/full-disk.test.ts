import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { historyLines } from '../server/client-side.ts';
import { smallFileSystem } from '../server/small-file-system.ts';
import { run, startCollecting } from './collecting.ts';
import { compile } from './programs.ts';

/** What a file takes on tmpfs. */
function pagesOf(path: string): number {
  return Math.ceil(statSync(path).size / 4096) * 4096;
}

test('a crash for whose report the disk had no room is analysed again until there is some', async (t) => {
  const disk = smallFileSystem(t, 'size=4m,nr_inodes=1000');
  const collecting = await startCollecting(t, [], disk.directories);
  const program = compile('nested', join(collecting.directories.stateDir, 'nested'));
  const { path } = await collecting.published((await run(program)).pid);
  // Room for what is captured (a record that is no larger than the JSON of the report), and not for the report.
  disk.fill(pagesOf(`${path}.core.zst`) + pagesOf(`${path}.json`) + 8192);
  const { pid } = await run(program);
  await collecting.server.logged('no-room-for-report');
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const log = collecting.server.log.join('\n');
  const tries = log.match(/no-room-for-report/g)?.length ?? 0;
  assert.ok(tries >= 2 && tries <= 3, log);
  assert.doesNotMatch(log, /analysis-failed|not-collected/);
  disk.free();
  const { record } = await collecting.published(pid);
  assert.equal(record.threads?.[0]?.frames?.[0]?.function, 'read_through');
  const [before, ...waited] = historyLines(collecting.directories).map(({ collected }) => collected);
  // As long as not even the history has room, it cannot be told what it says already.
  assert.deepEqual([before, ...new Set(waited)], ['full', 'pending', 'full']);
});
