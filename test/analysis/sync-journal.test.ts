import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { syncJournal } from '../../analysis/sync-journal.ts';
import { Journal } from '../../systemd/journal-reader/src/index.ts';
import { ensureJournald, uniqueWord, writeEntry } from '../journald.ts';

test('syncJournal() makes everything that was sent before readable at once', async (t) => {
  const journald = await ensureJournald(t);
  for (let round = 0; round < 5; round++) {
    const word = uniqueWord();
    for (let number = 0; number < 50; number++) writeEntry(journald, { MESSAGE: `${number}`, WORD: word });
    assert.deepEqual(await syncJournal({ timeoutMs: 5000 }), { done: true });
    using journal = Journal.open();
    journal.addMatch('WORD', word).seekHead();
    assert.equal([...journal].length, 50);
  }
});

/** A peer in journald's place that answers with `reply`, or not at all. */
async function fakeJournald(t: TestContext, reply: string | null): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'sync-journal-'));
  const socketPath = join(directory, 'socket');
  const server = createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.on('data', () => reply !== null && connection.end(reply));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.after(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  return socketPath;
}

test('syncJournal() says why not when journald is absent, silent or answers something else', async (t) => {
  const cases: [string | null, RegExp][] = [
    [null, /did not answer within 50 ms/],
    ['', /closed the connection/],
    ['{"parameters":', /closed the connection/],
    ['nonsense\0', /other than JSON/],
    ['x'.repeat(10_000), /over 4096 bytes/],
    ['{"error":"org.varlink.service.MethodNotFound"}\0', /answered org\.varlink\.service\.MethodNotFound/],
  ];
  for (const [reply, expected] of cases) {
    const socketPath = await fakeJournald(t, reply);
    const result = await syncJournal({ socketPath, timeoutMs: 50 });
    assert.match(result.done ? 'done' : result.reason, expected);
  }
  const result = await syncJournal({ socketPath: '/nonexistent/socket' });
  assert.match(result.done ? 'done' : result.reason, /ENOENT/);
});
