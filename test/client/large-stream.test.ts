import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { parseMaps } from '../../capture/proc/parse-maps.ts';
import { fileNote, largestCore, pageSegments, threadNotes } from '../capture/largest-core.ts';
import { madeCore } from '../capture/made-core.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { type Fed, type FedCrash, feedClient, MAX_CLIENT_KIB } from './feed-client.ts';
import { liveCore, liveProcess } from './live-core.ts';

const samePaths = (count: number) => Array<string>(count).fill('/usr/lib/x86_64-linux-gnu/libsomething.so.1');

async function fed(t: TestContext, stream: Buffer, process?: FedCrash['pid']): Promise<Fed> {
  const server = await startTestServer(t, testDirectories(t));
  const pid = process ?? (await liveCore(t)).pid;
  const result = await feedClient(server, { pid, stream: [stream] });
  assert.equal(result.exitCode, 0, server.log.join('\n'));
  assert.ok(result.peakKib < MAX_CLIENT_KIB, `${result.peakKib} KiB`);
  assert.ok(result.tookMs < 30_000, `${result.tookMs} ms`);
  return result;
}

test('20,000 threads stay within 256 MiB, and the report says how many it does not tell of', async (t) => {
  const notes = Buffer.concat(Array.from({ length: 20_000 }, (_, index) => threadNotes(5_000_000 + index)));
  const { record } = (await fed(t, madeCore({ notes }))).published ?? assert.fail('no report');
  assert.equal(record.threads?.length, 1024);
  assert.equal(record.omittedThreads, 20_000 - 1024);
  assert.equal(record.threads[0]?.tid, 5_000_000);
  const { core } = record.collection;
  assert.ok(core !== null && core.bytes <= core.budgetBytes);
  assert.match(core.omitted.join('\n'), /registers .*of 19999 threads/);
});

test('128 MiB of notes stay within 256 MiB, and the report says where it has stopped', async (t) => {
  const notes = Buffer.concat(Array.from({ length: 37_500 }, (_, index) => threadNotes(5_000_000 + index)));
  assert.ok(notes.length > 128 * 1024 * 1024);
  const { record } = (await fed(t, madeCore({ notes }))).published ?? assert.fail('no report');
  assert.match(record.collection.notes.join('\n'), /bytes of notes, read were the first \d+/);
});

test('262,144 program headers and more stay within 256 MiB', async (t) => {
  const segments = pageSegments(270_000);
  const notes = Buffer.concat([threadNotes(4242), fileNote(samePaths(140_000))]);
  const { record } =
    (await fed(t, madeCore({ segments, notes, count: 0xffff }))).published ?? assert.fail('no report');
  assert.match(record.collection.notes.join('\n'), /270001 program headers, over the limit of 262144/);
});

test('everything that is read of a core, as much of it as is read at once, stays within 256 MiB', async (t) => {
  const { record } = (await fed(t, largestCore())).published ?? assert.fail('no report');
  assert.equal(record.threads?.length, 1024);
  assert.match(record.collection.notes.join('\n'), /bytes of notes, read were the first \d+/);
});

test('a process of 60,000 mappings stays within 256 MiB', async (t) => {
  const { pid } = await liveProcess(
    t,
    `#include <sys/mman.h>
     #include <unistd.h>
     int main(void) {
       for (int i = 0; i < 30000; i++) {
         char *page = mmap(0, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         page[0] = page[4096] = 1;
         mprotect(page, 4096, PROT_READ);
       }
       write(1, "r", 1);
       for (;;) pause();
     }`,
  );
  const lines = [...parseMaps(readFileSync(`/proc/${pid}/maps`))];
  assert.ok(lines.length > 60_000, `${lines.length} mappings`);
  const segments = lines
    .filter(({ end }) => end < 2n ** 47n)
    .map(({ start, end }) => ({ start, bytes: end - start }));
  const core = madeCore({ segments, notes: Buffer.concat([threadNotes(pid), fileNote(samePaths(60_000))]) });
  const { record } = (await fed(t, core, pid)).published ?? assert.fail('no report');
  assert.equal((record.maps?.length ?? 0) + (record.omittedMaps ?? 0), lines.length);
});
