import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countRepeats } from '../../client/count-repeats.ts';
import { type CrashEvent, encodeMessage, Reason } from '../../protocol/codec.ts';
import { isRefusedFor, type ServerRefusedError } from '../../protocol/server-connection.ts';
import { pendingFiles } from '../../report/pending-files.ts';
import { begin, close, historyLines, report } from './client-side.ts';
import { startTestServer, type TestServer, testDirectories, testEvent } from './test-server.ts';

const LIMITS = ['--repeat-pause', '10', '--repeats-per-hour', '5', '--reports-per-minute', '60'];

/** What the server answers to a crash that it takes for a repeat. */
function refusalOf(server: TestServer, event: CrashEvent): ServerRefusedError {
  const connection = server.connect();
  try {
    connection.send('crashEvent', event);
    connection.receive(['reportGranted'], 5_000);
  } catch (error) {
    if (isRefusedFor(error, Reason.REPEAT)) return error;
    throw error;
  } finally {
    connection.close();
  }
  throw new Error('it was granted a report');
}

test('server: a repeat is refused with the crash that it repeats, and is one line in the history', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: LIMITS });
  const [first, second] = [testEvent(), testEvent()];
  report(server, 'first', first);
  const { refused } = refusalOf(server, second);
  assert.equal(refused?.repeatOf, first.crashId);
  assert.ok((refused?.notBeforeMs ?? 0) > 9_900);
  report(server, 'another', testEvent({ quickKey: 'f'.repeat(16) }));
  for (let count = 0; count < 3; count += 1) report(server, 'no key', testEvent({ quickKey: '' }));
  assert.deepEqual(
    historyLines(server).map(({ crashId, collected, repeatOf, slot }) =>
      crashId === second.crashId ? [collected, repeatOf, slot] : [collected],
    ),
    [['full'], ['repeat', first.crashId, null], ['full'], ['full'], ['full'], ['full']],
  );
  assert.deepEqual(readdirSync(join(server.logDir, '.pending')), []);
  assert.doesNotMatch(server.log.join('\n'), /client-refused/);
});

test('server: a crash of which its client has kept nothing but the event is counted', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: LIMITS });
  const first = testEvent();
  const kept = testEvent({ repeatOf: first.crashId });
  assert.equal(refusalOf(server, testEvent({ repeatOf: first.crashId })).refused?.repeatOf, first.crashId);
  // Its client had no server.
  writeFileSync(pendingFiles(server.logDir, kept.crashId).event, encodeMessage('crashEvent', kept));
  while (historyLines(server).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    historyLines(server).map(({ collected, repeatOf }) => [collected, repeatOf]),
    [
      ['repeat', first.crashId],
      ['repeat', first.crashId],
    ],
  );
});

test('server: when a crash comes to nothing the next of its kind gets the report', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: LIMITS });
  const lost = testEvent();
  const connection = server.connect();
  close(begin(connection, lost));
  refusalOf(server, testEvent());
  connection.send('aborted', { reason: 'the process vanished', noRoom: false });
  connection.close();
  await server.logged('crash-not-collected');
  report(server, 'next');
});

test('server: a restart knows the reports of the last hour, by the history and by what waits', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories, { args: LIMITS });
  const published = testEvent();
  report(first, 'x', published);
  await first.stop();
  const waiting = testEvent({ quickKey: 'e'.repeat(16) });
  const names = pendingFiles(directories.logDir, waiting.crashId);
  writeFileSync(names.event, encodeMessage('crashEvent', waiting));
  writeFileSync(names.core, '');
  writeFileSync(names.captured, 'captured');
  const second = await startTestServer(t, directories, { args: [...LIMITS, '--gdb', '/bin/false'] });
  assert.equal(refusalOf(second, testEvent()).refused?.repeatOf, published.crashId);
  assert.equal(
    refusalOf(second, testEvent({ quickKey: waiting.quickKey })).refused?.repeatOf,
    waiting.crashId,
  );
});

test('server: crashes that were stored without a server are limited as well', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories);
  await first.stop();
  const events = Array.from({ length: 20 }, () => testEvent());
  for (const event of events) {
    const names = pendingFiles(directories.logDir, event.crashId);
    writeFileSync(names.event, encodeMessage('crashEvent', event));
    for (const name of ['core', 'captured', 'json', 'text'] as const) writeFileSync(names[name], `${name} x`);
  }
  const server = await startTestServer(t, directories, { args: LIMITS });
  await server.logged('report-published');
  while (historyLines(server).length < events.length) await new Promise((resolve) => setTimeout(resolve, 10));
  const lines = historyLines(server);
  assert.equal(lines.filter(({ collected }) => collected === 'full').length, 1);
  assert.equal(lines.filter(({ repeatOf }) => repeatOf === events[0]?.crashId).length, 19);
  while (readdirSync(join(server.logDir, '.pending')).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
});

test('server: repeats that are told at once are counted, and a crash among them that is none is refused with them', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: LIMITS });
  const { crashId: repeatOf } = testEvent();
  const crashes = Array.from({ length: 200 }, (_, number) =>
    testEvent({ repeatOf, executable: Buffer.from(`/usr/bin/app-${number}`) }),
  );
  const told = server.connect();
  told.send('repeats', { crashes: crashes.slice(0, 100) });
  told.receive(['counted'], 5_000);
  told.close();
  assert.deepEqual(
    historyLines(server).map(({ crashId, collected, repeatOf: of }) => [crashId, collected, of]),
    crashes.slice(0, 100).map(({ crashId }) => [crashId, 'repeat', repeatOf]),
  );
  const wrong = server.connect();
  wrong.send('repeats', { crashes: [...crashes.slice(100), testEvent()] });
  assert.throws(
    () => wrong.receive(['counted'], 5_000),
    (error) => isRefusedFor(error, Reason.MALFORMED),
  );
  wrong.close();
  assert.equal(historyLines(server).length, 100);
});

test('countRepeats() tells the server of more than one message carries, and keeps them where there is none', async (t) => {
  const directories = testDirectories(t);
  const first = await startTestServer(t, directories, { args: LIMITS });
  const { crashId: repeatOf } = testEvent();
  // Four kilobytes each: as long as a path can be.
  const event = () => testEvent({ repeatOf, executable: Buffer.from(`/${'a'.repeat(4000)}`) });
  countRepeats(directories.runDir, Array.from({ length: 40 }, event));
  assert.equal(historyLines(first).length, 40);
  assert.doesNotMatch(first.log.join('\n'), /client-refused/);
  await first.stop();
  const kept = Array.from({ length: 3 }, event);
  countRepeats(directories.runDir, kept);
  assert.deepEqual(
    readdirSync(join(directories.logDir, '.pending')).sort(),
    kept.map(({ crashId }) => `${crashId}.event`).sort(),
  );
  const second = await startTestServer(t, directories, { args: LIMITS });
  while (historyLines(second).length < 43) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(historyLines(second).every(({ collected }) => collected === 'repeat'));
});
