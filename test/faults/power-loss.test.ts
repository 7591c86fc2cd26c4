import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import koffi from 'koffi';
import { readHistory } from '../../report/read-history.ts';
import { readRecord } from '../../report/read-record.ts';
import { END_LINE } from '../../report/render-text.ts';
import { feedClient } from '../client/feed-client.ts';
import { type LiveCore, liveCore } from '../client/live-core.ts';
import { until } from '../machine/collecting.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { mountedImage } from './mounted-image.ts';

/** EXT4_IOC_SHUTDOWN = _IOR('X', 125, __u32), and "do not flush the journal": fs/ext4/ext4.h; xfstests cuts the power like this. */
const EXT4_IOC_SHUTDOWN = 0x8004587d;
const NO_LOG_FLUSH = 2;
const ioctl = koffi.load(null).func('int ioctl(int fd, ulong request, void *argument)');

/** Cuts, and how much later each comes: a crash takes some 200 ms from the client's start to its publishing. */
const CUTS = Number(process.env['USERCRASH_CUTS'] ?? 4);
/** No report gives way to another: what is gone is gone by the cut. */
const BYTES = (64 + CUTS) * 1024 * 1024;
const ARGS = ['--slots', '10000'];
const SPAN_MS = 400;

/** From this moment on nothing reaches the disk any more: what is there is what a power cut leaves. */
function cutPower(directory: string): void {
  const fd = openSync(directory, 'r');
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(NO_LOG_FLUSH);
  const result = ioctl(fd, EXT4_IOC_SHUTDOWN, flags);
  closeSync(fd);
  assert.equal(result, 0, 'the file system could not be cut off');
}

/** Every name that a report has stands for a whole file. @returns Crash ids. */
function assertReportsWhole(logDir: string): string[] {
  const names = readdirSync(logDir).filter((name) => /^usercrash_\d+$/.test(name));
  return names.map((name) => {
    const text = readFileSync(join(logDir, name), 'utf8');
    assert.ok(text.endsWith(`${END_LINE}\n`), `${name} is torn: ${text.length} characters`);
    const { crashId } = readRecord(readFileSync(join(logDir, `${name}.json`)));
    assert.ok(text.includes(crashId), `${name} and its JSON are of two crashes`);
    assert.ok(zstdDecompressSync(readFileSync(join(logDir, `${name}.core.zst`))).length > 0);
    return crashId;
  });
}

/** Crashes until the server can take no more; what it has said to have published. */
async function crashUntilCut(server: TestServer, crash: LiveCore, isCut: () => boolean): Promise<void> {
  while (!isCut()) {
    // The last ones fail with EIO.
    await feedClient(server, { pid: crash.pid, stream: [crash.stream] }).catch(() => undefined);
  }
}

test('after a power cut at any moment what was published is whole, and the rest waits or is told of', async (t) => {
  const crash = await liveCore(t);
  const disk = mountedImage(t, { bytes: BYTES, make: ['mkfs.ext4', '-q'] });
  const { logDir } = disk.directories;
  const told = new Set<string>();
  for (let cut = 0; cut < CUTS; cut += 1) {
    const server = await startTestServer(t, disk.directories, { args: ARGS });
    let isCut = false;
    const crashing = crashUntilCut(server, crash, () => isCut);
    // The first report is there: from then on the moment moves on from cut to cut.
    await server.logged('report-published');
    await sleep((cut * SPAN_MS) / CUTS);
    for (const line of server.log) {
      const [, crashId] = /report-published .*crashId=(\S+)/.exec(line) ?? [];
      if (crashId !== undefined) told.add(crashId);
    }
    cutPower(logDir);
    isCut = true;
    await server.stop('SIGKILL');
    await crashing;
    disk.remount();
    const there = assertReportsWhole(logDir);
    for (const crashId of told) assert.ok(there.includes(crashId), `${crashId} was published, and is gone`);
    const inHistory = new Set<string | null>();
    for await (const { crashId } of readHistory(logDir)) inHistory.add(crashId);
    for (const crashId of told)
      assert.ok(inHistory.has(crashId), `${crashId} was published, and has no line`);
  }
  const server = await startTestServer(t, disk.directories, { args: ARGS });
  await feedClient(server, { pid: crash.pid, stream: [crash.stream] });
  const waiting = () => readdirSync(join(logDir, '.pending')).filter((name) => name.endsWith('.captured'));
  const isGivenUp = (name: string) =>
    server.log.some(
      (line) => line.includes('analysis-given-up') && line.includes(name.replace('.captured', '')),
    );
  // Of what was torn before it had its report the history says so; nothing is tried for ever.
  await until('the rest has its report, or is given up', () => waiting().every(isGivenUp));
  assertReportsWhole(logDir);
});
