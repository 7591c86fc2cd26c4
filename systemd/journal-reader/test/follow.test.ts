import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type PrivateJournald, startPrivateJournald, writeEntry } from '../../../test/journald.ts';
import { Journal } from '../src/index.ts';

async function openFresh(t: TestContext): Promise<{ journald: PrivateJournald; journal: Journal }> {
  const journald = await startPrivateJournald(t);
  const journal = Journal.open({ namespace: journald.namespace });
  t.after(() => journal.close());
  journal.addMatch('TEST', 'follow');
  return { journald, journal };
}

test('follow() gives what is there and then each new entry, while timers keep firing', async (t) => {
  const { journald, journal } = await openFresh(t);
  const write = (number: number) => writeEntry(journald, { MESSAGE: `${number}`, TEST: 'follow' });
  write(0);
  let ticks = 0;
  const ticker = setInterval(() => {
    ticks += 1;
    // Not before the loop below has had to wait: the entry comes from a timer that fires during the wait.
    if (ticks % 10 === 0) write(ticks / 10);
  }, 10);
  t.after(() => clearInterval(ticker));
  const seen: (string | undefined)[] = [];
  for await (const entry of journal) {
    seen.push(entry.message);
    if (seen.length === 4) break;
  }
  assert.deepEqual(seen, ['0', '1', '2', '3']);
  assert.ok(ticks >= 30, `${ticks} ticks`);
});

test('seekEnd() makes follow() give only what comes later, also in an empty journal', async (t) => {
  const { journald, journal } = await openFresh(t);
  for (const round of ['first', 'second']) {
    journal.seekEnd();
    assert.equal(journal.next(), false);
    const following = journal.follow({ fields: ['MESSAGE'] })[Symbol.asyncIterator]();
    const next = following.next();
    writeEntry(journald, { MESSAGE: round, TEST: 'follow' });
    const { value } = await next;
    assert.equal(value?.message, round);
    await following.return();
  }
});

test('follow() lets timers fire in the middle of a long backlog', async (t) => {
  const { journald, journal } = await openFresh(t);
  const count = 3000;
  for (let number = 0; number < count; number++)
    writeEntry(journald, { MESSAGE: `${number}`, TEST: 'follow' });
  let ticks = 0;
  const ticker = setInterval(() => ticks++, 1);
  t.after(() => clearInterval(ticker));
  let seen = 0;
  let ticksBefore = 0;
  for await (const _ of journal.follow()) {
    seen += 1;
    const until = performance.now() + 0.02;
    while (performance.now() < until);
    if (seen === count - 1) ticksBefore = ticks;
    if (seen === count) break;
  }
  assert.ok(ticksBefore >= 3, `${ticksBefore} ticks`);
});

test('follow() goes on in the new file when journald begins one', async (t) => {
  const { journald, journal } = await openFresh(t);
  const following = journal.seekEnd().follow()[Symbol.asyncIterator]();
  for (const round of ['before', 'after', 'after another']) {
    const next = following.next();
    writeEntry(journald, { MESSAGE: round, TEST: 'follow' });
    assert.equal((await next).value?.message, round);
    const files = readdirSync(journald.directory).length;
    journald.rotate();
    await journald.sync();
    assert.equal(readdirSync(journald.directory).length, files + 1);
  }
  await following.return();
});

test('a worker thread can follow a journal of its own, and ends with it', async (t) => {
  const { journald } = await openFresh(t);
  const worker = new Worker(new URL('./follow-in-worker.ts', import.meta.url), {
    workerData: { namespace: journald.namespace, count: 3 },
  });
  const ended = once(worker, 'exit');
  for (const number of [0, 1, 2]) {
    const [heard] = await Promise.all([
      once(worker, 'message'),
      // The first one before it watches or after: both are to be found.
      writeEntry(journald, { MESSAGE: `${number}`, TEST: 'follow' }),
    ]);
    assert.deepEqual(heard, [`${number}`]);
  }
  assert.deepEqual(await ended, [0]);
});

test('wait() ends with none after its time, appended on an entry, and by its signal', async (t) => {
  const { journald, journal } = await openFresh(t);
  assert.equal(await journal.wait(), 'invalidated', 'the first time there is no knowing');
  // journald's own first messages may still come.
  while ((await journal.wait({ timeoutMs: 400 })) !== 'none');
  const change = journal.wait({ timeoutMs: 10_000 });
  await assert.rejects(journal.wait(), { code: 'E_JOURNAL_BUSY' });
  writeEntry(journald, { MESSAGE: 'x' });
  assert.notEqual(await change, 'none');
  const stop = new AbortController();
  const stopped = journal.wait({ signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(stopped, /enough/);
  await assert.rejects(journal.wait({ signal: stop.signal }), /enough/);
});

test('close() ends a wait with an error and a loop without one', async (t) => {
  const { journal } = await openFresh(t);
  await journal.wait();
  const waiting = journal.wait();
  journal.close();
  await assert.rejects(waiting, { code: 'E_JOURNAL_CLOSED' });

  const other = await openFresh(t);
  setTimeout(() => other.journal.close(), 50);
  for await (const _ of other.journal.follow()) assert.fail('there is no entry');
});
