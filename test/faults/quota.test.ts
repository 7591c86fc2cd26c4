import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hasErrno } from '../../linux/system-call-error.ts';
import { feedClient } from '../client/feed-client.ts';
import { liveCore } from '../client/live-core.ts';
import { until } from '../machine/collecting.ts';
import { begin, close, fill, historyLines, report } from '../server/client-side.ts';
import { startTestServer, testEvent } from '../server/test-server.ts';
import { mountedImage } from './mounted-image.ts';

/** A log directory on btrfs with a quota, which holds for root as well; those of ext4 and xfs do not. */
function withQuota(t: TestContext) {
  const { directories } = mountedImage(t, { bytes: 256 * 1024 * 1024, make: ['mkfs.btrfs', '-q'] });
  const { logDir } = directories;
  const btrfs = (...words: string[]) => execFileSync('btrfs', words, { stdio: 'pipe' });
  rmSync(logDir, { recursive: true });
  btrfs('quota', 'enable', dirname(logDir));
  btrfs('subvolume', 'create', logDir);
  const filling = join(logDir, '.filling');
  return {
    directories,
    /** Takes all that may be taken. */
    exhaust() {
      btrfs('qgroup', 'limit', '2M', logDir);
      for (let bytes = 1024 * 1024; bytes >= 4096; ) {
        try {
          writeFileSync(filling, Buffer.alloc(bytes), { flag: 'a', flush: true });
        } catch (error) {
          assert.ok(hasErrno(error, 'EDQUOT'), String(error));
          bytes /= 2;
        }
      }
    },
    raise() {
      btrfs('qgroup', 'limit', 'none', logDir);
      rmSync(filling, { force: true });
    },
  };
}

test('over quota a crash is lost with a line that says so, or waits until there is room, and none is half there', async (t) => {
  const disk = withQuota(t);
  const crash = await liveCore(t);
  const server = await startTestServer(t, disk.directories);
  report(server, 'before');

  // During: what was granted cannot be stored.
  const event = testEvent();
  const connection = server.connect();
  const descriptors = begin(connection, event);
  fill(descriptors, 'x');
  disk.exhaust();
  connection.send('captured', { coreBytes: 10, heldMs: 1, files: [] });
  assert.throws(() => connection.receive(['analysisGranted'], 5_000), /EDQUOT/);
  close(descriptors);
  connection.close();

  // Before: nothing can be granted.
  const { published } = await feedClient(server, { ...crash, stream: [crash.stream] });
  assert.equal(published, null);
  const left = () =>
    [server.logDir, join(server.logDir, '.pending')].flatMap((path) => readdirSync(path)).sort();
  await until(
    'both are told of',
    () => server.log.filter((line) => line.includes('crash-not-collected')).length === 2,
  );
  assert.deepEqual(left(), [
    '.filling',
    '.pending',
    'history',
    ...['usercrash_00', 'usercrash_00.core.zst', 'usercrash_00.json'],
  ]);

  // After.
  disk.raise();
  const later = await feedClient(server, { ...crash, stream: [crash.stream] });
  assert.equal(later.published?.record.threads?.[0]?.frames?.at(-1)?.function, 'main');
  const lines = historyLines(server);
  assert.deepEqual(
    lines.map(({ collected }) => collected),
    ['full', 'not collected', 'not collected', 'full'],
  );
  assert.ok(lines.every(({ collected, reason }) => collected === 'full' || /EDQUOT/.test(String(reason))));
});
