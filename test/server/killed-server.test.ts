import assert from 'node:assert/strict';
import { appendFileSync, linkSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeMessage } from '../../protocol/codec.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { renderJson } from '../../report/render-json.ts';
import { sampleRecord } from '../report/sample-record.ts';
import { historyLines, report } from './client-side.ts';
import { startTestServer, type TestDirectories, testDirectories, testEvent } from './test-server.ts';

/** A published crash whose server is killed. @returns The directories, its event, and its files in `.pending`. */
async function publishedCrash(t: TestContext) {
  const directories = testDirectories(t);
  const event = testEvent();
  const server = await startTestServer(t, directories);
  const path = report(server, `\n${event.crashId}`, event);
  await server.stop('SIGKILL');
  return { directories, event, path, names: pendingFiles(directories.logDir, event.crashId) };
}

/** Leaves files as if they were written an hour ago. */
function age(...paths: string[]): void {
  const then = Date.now() / 1000 - 3600;
  for (const path of paths) utimesSync(path, then, then);
}

function pendingNames({ logDir }: TestDirectories): string[] {
  return readdirSync(join(logDir, '.pending'));
}

/** Starts a server and lets it take up what is there; another crash shows that it has. */
async function restarted(t: TestContext, directories: TestDirectories): Promise<void> {
  const server = await startTestServer(t, directories);
  const witness = testEvent();
  const names = pendingFiles(directories.logDir, witness.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', witness));
  // With the last of them it is whole: there is nobody who holds its lock meanwhile.
  for (const name of ['core', 'json', 'text', 'captured'] as const) writeFileSync(names[name], `${name} x`);
  await server.logged(
    `report-published signal=SIGSEGV program=app signature=null crashId=${witness.crashId}`,
  );
  await server.stop();
}

test('server: one that was killed between a report and its history line leaves the line to the next', async (t) => {
  const { directories, event, path, names } = await publishedCrash(t);
  const history = join(directories.logDir, 'history');
  writeFileSync(history, '');
  writeFileSync(names.event, encodeMessage('crashEvent', event));
  linkSync(`${path}.core.zst`, names.core);
  writeFileSync(names.captured, 'captured');
  await restarted(t, directories);
  const [line, ...others] = historyLines(directories);
  assert.deepEqual([line?.['crashId'], line?.['collected'], line?.['slot']], [event.crashId, 'full', 0]);
  assert.equal(others.length, 1);
  assert.deepEqual(pendingNames(directories), []);
});

test('server: one that was killed between a history line and its end of work does not repeat the line', async (t) => {
  const { directories, event, path, names } = await publishedCrash(t);
  linkSync(`${path}.core.zst`, names.core);
  writeFileSync(names.captured, 'captured');
  await restarted(t, directories);
  const crashes = historyLines(directories).map(({ crashId }) => crashId);
  assert.equal(crashes.filter((crashId) => crashId === event.crashId).length, 1);
  assert.equal(crashes.length, 2);
  assert.deepEqual(pendingNames(directories), []);
});

test('server: a report without a core that was published already is not published again', async (t) => {
  const { directories, names } = await publishedCrash(t);
  writeFileSync(names.core, '');
  writeFileSync(names.captured, 'captured');
  await restarted(t, directories);
  assert.equal(historyLines(directories).length, 2);
  assert.deepEqual(pendingNames(directories), []);
});

test('server: what a removal that was cut short has left is removed without a word', async (t) => {
  const { directories, event, path, names } = await publishedCrash(t);
  linkSync(`${path}.core.zst`, names.core);
  linkSync(path, names.text);
  age(names.core, names.text);
  // The same by a server that removed in another order, long after.
  const earlier = testEvent();
  const left = pendingFiles(directories.logDir, earlier.crashId);
  writeFileSync(left.event, encodeMessage('crashEvent', earlier));
  appendFileSync(
    join(directories.logDir, 'history'),
    historyTextOf(directories, event.crashId, earlier.crashId),
  );
  age(left.event);
  await restarted(t, directories);
  assert.deepEqual(
    historyLines(directories).map(({ collected }) => collected),
    ['full', 'full', 'full'],
  );
  assert.deepEqual(pendingNames(directories), []);
});

/** The line of one crash as that of another. */
function historyTextOf(directories: TestDirectories, crashId: string, other: string): string {
  const line = historyLines(directories).find((candidate) => candidate['crashId'] === crashId);
  return `${JSON.stringify({ ...line, crashId: other })}\n`;
}

test('server: a crash that was half stored is lost when its files are old, whatever the clock said', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories);
  report(first, 'x');
  await first.stop();
  const [old, fresh] = [testEvent(), testEvent()];
  for (const event of [old, fresh]) {
    writeFileSync(pendingFiles(directories.logDir, event.crashId).event, encodeMessage('crashEvent', event));
  }
  age(pendingFiles(directories.logDir, old.crashId).event);
  await restarted(t, directories);
  assert.deepEqual(
    historyLines(directories)
      .filter(({ collected }) => collected !== 'full')
      .map(({ crashId, reason }) => [crashId, reason]),
    [[old.crashId, 'the client ended before it had stored the crash']],
  );
  assert.deepEqual(pendingNames(directories), [`${fresh.crashId}.event`]);
});

test('server: a report whose core somebody has removed is published without', async (t) => {
  const directories = testDirectories(t);
  const event = testEvent();
  const server = await startTestServer(t, directories);
  const names = pendingFiles(directories.logDir, event.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', event));
  for (const name of ['captured', 'json', 'text'] as const) writeFileSync(names[name], `${name} x`);
  await server.logged('report-published');
  assert.deepEqual(readdirSync(directories.logDir).sort(), [
    '.pending',
    'history',
    'usercrash_00',
    'usercrash_00.json',
  ]);
});

test('server: a report that waited in .pending tells the history its signature and its durations', async (t) => {
  const server = await startTestServer(t, testDirectories(t));
  const event = testEvent();
  const names = pendingFiles(server.logDir, event.crashId);
  const record = sampleRecord();
  writeFileSync(names.event, encodeMessage('crashEvent', event));
  for (const name of ['core', 'captured'] as const) writeFileSync(names[name], `${name} x`);
  writeFileSync(names.json, renderJson(record));
  writeFileSync(names.text, 'text x');
  await server.logged('report-published');
  const heldMs = record.collection.steps.find(({ name }) => name === 'released')?.atMs;
  assert.ok(heldMs);
  assert.partialDeepStrictEqual(historyLines(server), [
    { signature: record.signature, durations: { heldMs, analysisMs: 231 } },
  ]);
});

test('server: a report that a client has named after it was published is removed at once', async (t) => {
  const { directories, event, path, names } = await publishedCrash(t);
  linkSync(`${path}.json`, names.json);
  linkSync(path, names.text);
  await restarted(t, directories);
  assert.deepEqual(pendingNames(directories), []);
  const crashes = historyLines(directories).map(({ crashId }) => crashId);
  assert.equal(crashes.filter((crashId) => crashId === event.crashId).length, 1);
});
