import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeMessage } from '../../protocol/codec.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { feedClient } from '../client/feed-client.ts';
import { liveCore } from '../client/live-core.ts';
import { historyLines, report } from '../server/client-side.ts';
import { startTestServer, type TestDirectories, testDirectories, testEvent } from '../server/test-server.ts';

/** A log directory on a FUSE file system that knows no O_TMPFILE: bindfs(1). */
function withoutUnnamedFiles(t: TestContext): TestDirectories {
  const directories = testDirectories(t);
  const directory = mkdtempSync('/var/tmp/uc-fuse-');
  const [root, below] = [join(directory, 'fuse'), join(directory, 'below')];
  for (const path of [root, join(below, 'log')]) mkdirSync(path, { recursive: true });
  execFileSync('bindfs', [below, root], { stdio: 'ignore' });
  t.after(() => {
    spawnSync('umount', ['-l', root]);
    rmSync(directory, { recursive: true, force: true });
  });
  const logDir = join(root, 'log');
  assert.throws(
    () =>
      execFileSync('python3', ['-c', `import os; os.open("${logDir}", os.O_TMPFILE | os.O_RDWR)`], {
        stdio: 'pipe',
      }),
    /Operation not supported/,
  );
  return { ...directories, logDir };
}

/** Everything in the log directory but the history, a lock, and what FUSE keeps of files that are open. */
function names({ logDir }: TestDirectories): string[] {
  return [logDir, join(logDir, '.pending')]
    .flatMap((directory) => readdirSync(directory))
    .filter((name) => !/^(?:history|\.analysing|\.fuse_hidden\w+)$/.test(name))
    .sort();
}

test('on a file system without O_TMPFILE a crash gets its report, with and without a server', async (t) => {
  const directories = withoutUnnamedFiles(t);
  const crash = await liveCore(t);
  const first = await startTestServer(t, directories, { args: ['--group', 'adm'] });
  const { published } = await feedClient(first, { ...crash, stream: [crash.stream] });
  assert.equal(published?.record.threads?.[0]?.frames?.at(-1)?.function, 'main');
  const { mode, uid } = statSync(published.path);
  assert.deepEqual([mode & 0o777, uid], [0o640, 0]);
  await first.stop('SIGKILL');
  // What it has captured is kept; nobody can name the report, for the client is not root any more.
  await feedClient(first, { ...crash, stream: [crash.stream], isDeferred: true });
  const kept = names(directories).filter(
    (name) => /\.(?:event|core\.zst|captured)$/.test(name) && !name.startsWith('usercrash'),
  );
  assert.equal(kept.length, 3);
  const second = await startTestServer(t, directories);
  await second.logged('report-published');
  assert.deepEqual(names(directories), [
    '.pending',
    ...['usercrash_00', 'usercrash_00.core.zst', 'usercrash_00.json'],
    ...['usercrash_01', 'usercrash_01.core.zst', 'usercrash_01.json'],
  ]);
});

test('on a file system without O_TMPFILE a server that was killed publishes nothing twice, and leaves no temporary file', async (t) => {
  const directories = withoutUnnamedFiles(t);
  const event = testEvent();
  const first = await startTestServer(t, directories);
  report(first, `\n${event.crashId}`, event);
  await first.stop('SIGKILL');
  const left = pendingFiles(directories.logDir, event.crashId);
  writeFileSync(left.event, encodeMessage('crashEvent', event));
  for (const path of [left.core, left.json, left.text, left.captured]) writeFileSync(path, 'x');
  for (const path of [directories.logDir, join(directories.logDir, '.pending')])
    writeFileSync(join(path, '.copying-x'), 'half');
  const second = await startTestServer(t, directories);
  report(second, 'another');
  assert.deepEqual(names(directories), [
    '.pending',
    ...['usercrash_00', 'usercrash_00.core.zst', 'usercrash_00.json'],
    ...['usercrash_01', 'usercrash_01.core.zst', 'usercrash_01.json'],
  ]);
  assert.equal(historyLines(directories).length, 2);
});
