import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dump } from '../../../server/ledger/dump.ts';
import { DumpBook, monotonicMs } from '../../../server/ledger/dump-book.ts';

function dumpOf(fields: Partial<Dump>): Dump {
  return {
    pid: 42,
    tid: 42,
    atMs: monotonicMs(),
    atUs: 0,
    process: null,
    lookedAtMs: 0,
    otherPattern: null,
    end: { atMs: 0, signal: 11, isDumped: true },
    state: 'open',
    told: null,
    isWritten: false,
    ...fields,
  };
}

test('DumpBook tells apart processes that had one number after the other', () => {
  const book = new DumpBook();
  const nowMs = monotonicMs();
  const first = dumpOf({ atMs: nowMs - 60_000 });
  const second = dumpOf({ atMs: nowMs - 30_000 });
  book.add(first);
  book.add(second);
  // Started so long before now, in ticks of 10 ms.
  const startedMsAgo = (agoMs: number) => Math.round((nowMs - agoMs) / 10);
  assert.equal(book.ofCrash(42, startedMsAgo(61_000)), first);
  assert.equal(book.ofCrash(42, startedMsAgo(31_000)), second);
  assert.equal(book.ofCrash(42, startedMsAgo(1_000)), null);
  assert.equal(book.ofCrash(42, 0), second);
  assert.equal(book.ofCrash(43, 0), null);
});

test('DumpBook forgets what is settled, and never what is open', () => {
  const book = new DumpBook();
  const nowMs = monotonicMs();
  const open = dumpOf({ atMs: nowMs - 1 });
  book.add(open);
  book.add(dumpOf({ pid: 43, state: 'seen', atMs: nowMs - 1 }));
  book.forgetOld(nowMs + 24 * 60 * 60 * 1000);
  assert.equal(book.ofCrash(42, 0), open);
  assert.equal(book.ofCrash(43, 0), null);
});

test('DumpBook keeps the names of a storm once', () => {
  const book = new DumpBook();
  const processOf = (name: string) => ({
    comm: Buffer.from(name),
    executable: Buffer.from(`/opt/${name}`),
    uid: 0,
    startTicks: 1,
    namespacePids: [],
    isDumping: true,
    hasMemory: true,
  });
  const [first, second, other] = ['loop', 'loop', 'other'].map((name, at) =>
    dumpOf({ pid: 42 + at, process: processOf(name) }),
  );
  for (const dump of [first, second, other]) if (dump !== undefined) book.add(dump);
  assert.equal(second?.process?.comm, first?.process?.comm);
  assert.equal(second?.process?.executable, first?.process?.executable);
  assert.equal(other?.process?.executable.toString(), '/opt/other');
});

test('DumpBook is full at some time, and has room again when old ones are forgotten', () => {
  const book = new DumpBook();
  const nowMs = monotonicMs();
  let count = 0;
  for (; !book.isFull; count += 1) book.add(dumpOf({ pid: count, state: 'seen', atMs: nowMs }));
  assert.equal(count, 100_000);
  book.forgetOld(nowMs);
  assert.equal(book.isFull, false);
});
