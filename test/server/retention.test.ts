import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeMessage, Reason } from '../../protocol/codec.ts';
import { isRefusedFor } from '../../protocol/server-connection.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { renderJson } from '../../report/render-json.ts';
import { until } from '../machine/collecting.ts';
import { sampleRecord } from '../report/sample-record.ts';
import { begin, close, fill, historyLines, report } from './client-side.ts';
import { smallFileSystem } from './small-file-system.ts';
import { startTestServer, type TestDirectories, testDirectories, testEvent } from './test-server.ts';

const DAY_S = 86_400;

/** Puts a report where a server has published it, so many days ago. */
function putReport({ logDir }: TestDirectories, slot: number, days: number, kind = ''): string {
  const path = join(logDir, `usercrash_${String(slot).padStart(2, '0')}`);
  const quickKey = kind === '' ? null : kind.padEnd(16, '0');
  const signature = kind === '' ? null : { text: kind, hash: kind };
  writeFileSync(`${path}.core.zst`, Buffer.alloc(3 * 4096));
  writeFileSync(`${path}.json`, renderJson({ ...sampleRecord(), quickKey, signature }));
  writeFileSync(path, 'text');
  const then = Date.now() / 1000 - days * DAY_S;
  utimesSync(path, then, then);
  return path;
}

function reportsIn({ logDir }: TestDirectories): string[] {
  return readdirSync(logDir).filter((name) => /^usercrash_\d+$/.test(name));
}

test('retention: reports over their age go, whole, with a line in the log', async (t) => {
  const directories = testDirectories(t);
  putReport(directories, 0, 29);
  const old = putReport(directories, 1, 31);
  writeFileSync(`${old}.upload`, '');
  const server = await startTestServer(t, directories, { args: ['--max-age', '30'] });
  assert.match(await server.logged('report-evicted'), /name=usercrash_01 .*reason="older than 30 days"/);
  report(server, 'next');
  assert.deepEqual(readdirSync(directories.logDir).sort(), [
    ...['.pending', 'history', 'usercrash_00', 'usercrash_00.core.zst', 'usercrash_00.json'],
    ...['usercrash_01', 'usercrash_01.core.zst', 'usercrash_01.json'],
  ]);
});

test('retention: when all slots are taken a repeat gives way before older reports, and what waits for upload last', async (t) => {
  const directories = testDirectories(t);
  writeFileSync(`${putReport(directories, 0, 9, 'a')}.upload`, '');
  putReport(directories, 1, 8, 'b');
  putReport(directories, 2, 3, 'c');
  putReport(directories, 3, 2, 'c');
  const server = await startTestServer(t, directories, { args: ['--slots', '4'] });
  const slots = ['one', 'two', 'three', 'four'].map((text) => report(server, text).slice(-2));
  assert.deepEqual(slots, ['02', '01', '03', '02']);
  assert.match(await server.logged('report-evicted'), /name=usercrash_02 .*reason="all 4 slots were taken"/);
  assert.ok(existsSync(join(directories.logDir, 'usercrash_00.upload')));
});

test('retention: a report in the place of one that waited for its upload does not wait', async (t) => {
  const directories = testDirectories(t);
  writeFileSync(`${putReport(directories, 0, 1)}.upload`, '');
  const server = await startTestServer(t, directories, { args: ['--slots', '1'] });
  const path = report(server, 'new');
  assert.equal(readFileSync(path, 'utf8'), 'text new');
  assert.equal(existsSync(`${path}.upload`), false);
});

test('retention: the bytes of all reports stay within their bound', async (t) => {
  const directories = testDirectories(t);
  for (let slot = 0; slot < 8; slot += 1) putReport(directories, slot, 8 - slot);
  const bytes = 5 * 4096 + Math.ceil(renderJson(sampleRecord()).length / 4096) * 4096;
  const server = await startTestServer(t, directories, { args: ['--max-bytes', String(3 * bytes)] });
  assert.match(await server.logged('usercrash_04'), /report-evicted .*may take/);
  await server.stop();
  assert.deepEqual(reportsIn(directories), ['usercrash_05', 'usercrash_06', 'usercrash_07']);
});

test('retention: what is to stay free on the file system stays free, and the history says why a crash is lost', async (t) => {
  const disk = smallFileSystem(t, 'size=2m,nr_inodes=200');
  const { directories } = disk;
  for (let slot = 0; slot < 3; slot += 1) putReport(directories, slot, 3 - slot);
  const { bavail, bsize } = statfsSync(directories.logDir);
  const keepFree = bavail * bsize + 4096;
  const server = await startTestServer(t, directories, { args: ['--keep-free', String(keepFree)] });
  await server.logged('usercrash_00');
  assert.deepEqual(reportsIn(directories), ['usercrash_01', 'usercrash_02']);
  disk.fill(64 * 1024);
  const event = testEvent();
  const connection = server.connect();
  const descriptors = begin(connection, event);
  fill(descriptors, 'x');
  // With it comes a file of a module, which the server does not keep.
  const module = join(directories.stateDir, 'module');
  mkdirSync(directories.stateDir, { recursive: true });
  writeFileSync(module, '');
  const fd = openSync(module, 'r');
  const files = [{ module: 0, mayBlock: false, onlyHere: false, place: '' }];
  connection.send('captured', { coreBytes: 1, heldMs: 1, files }, [fd]);
  assert.throws(
    () => connection.receive(['analysisGranted'], 5_000),
    (error) => isRefusedFor(error, Reason.NO_ROOM),
  );
  closeSync(fd);
  close(descriptors);
  connection.close();
  const opened = `/proc/${server.process.pid}/fd`;
  const isOpen = () => readdirSync(opened).some((name) => targetOf(join(opened, name)) === module);
  await until('the file is closed', () => !isOpen());
  assert.deepEqual(reportsIn(directories), [], 'reports gave way first');
  const [line, ...others] = historyLines(server);
  assert.deepEqual(others, []);
  assert.equal(line?.['collected'], 'not collected');
  assert.match(
    String(line?.['reason']),
    /^no room: .* are free on the file system, and .* are to stay free$/,
  );
  assert.deepEqual(readdirSync(join(directories.logDir, '.pending')), []);
});

test('retention: crashes that wait give way after all reports, the oldest first', async (t) => {
  const directories = testDirectories(t);
  const events = [testEvent(), testEvent()];
  for (const event of events) {
    const names = pendingFiles(directories.logDir, event.crashId);
    mkdirSync(join(names.event, '..'), { recursive: true });
    writeFileSync(names.event, encodeMessage('crashEvent', event));
    writeFileSync(names.core, Buffer.alloc(100 * 1024, 1));
    writeFileSync(names.captured, 'captured');
  }
  putReport(directories, 0, 1);
  const args = ['--max-bytes', '150K', '--analyses', '1', '--gdb', '/bin/false'];
  const server = await startTestServer(t, directories, { args });
  const lost = await server.logged('crash-not-collected');
  assert.match(lost, new RegExp(`${events[0]?.crashId}.*gave way while it waited`));
  assert.match(server.log.join('\n'), /report-evicted name=usercrash_00/);
  assert.ok(existsSync(pendingFiles(directories.logDir, events[1]?.crashId ?? '').captured));
});

test('retention: what is left of a report whose text is gone is removed', async (t) => {
  const directories = testDirectories(t);
  const path = putReport(directories, 3, 1);
  rmSync(path);
  const server = await startTestServer(t, directories);
  report(server, 'x');
  assert.deepEqual(readdirSync(directories.logDir).sort(), [
    ...['.pending', 'history', 'usercrash_00', 'usercrash_00.core.zst', 'usercrash_00.json'],
  ]);
});

/** Empty where it has been closed meanwhile. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
