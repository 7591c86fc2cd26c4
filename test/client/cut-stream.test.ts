import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureCrash } from '../../capture/capture.ts';
import type { Captured, CoreHead } from '../../capture/captured.ts';
import { bytesSource } from '../../capture/core-source.ts';
import { closeModules } from '../../capture/open-modules.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { headFrom } from '../../client/capture-from-pipe.ts';
import { END_LINE, renderText } from '../../report/render-text.ts';
import { recordOf } from '../fuzz/assert-record.ts';
import { startTestServer, testDirectories } from '../server/test-server.ts';
import { feedClient, MAX_CLIENT_KIB } from './feed-client.ts';
import { liveCore } from './live-core.ts';

const LENGTHS = 64 * 1024;
/** Of the lengths, for those that cost more: no divisor of what lies in a core. */
const SOME = 101;
/** No process has it: above the kernel's own limit of 2^22. */
const NOBODY = 2 ** 22 + 1;

function captureCut(stream: Buffer, pid: number): { head: CoreHead; captured: Captured } {
  const head = headFrom(bytesSource(stream));
  return {
    head,
    captured: captureCrash({ pid, tid: pid, pidfd: null, uid: null, head, budgetBytes: 1024 * 1024 }),
  };
}

test('a stream that is cut at any length of its first 64 KiB gives a report that says so', async (t) => {
  const { stream, headBytes } = await liveCore(t);
  assert.ok(stream.length > LENGTHS && headBytes < LENGTHS);
  const whole = readCoreHead(bytesSource(stream));
  for (let length = 0; length <= LENGTHS; length += 1) {
    const cut = stream.subarray(0, length);
    if (length >= headBytes) {
      assert.ok(readCoreHead(bytesSource(cut)).noteBytes.equals(whole.noteBytes), `cut at ${length}`);
      continue;
    }
    const { head, captured } = captureCut(cut, NOBODY);
    assert.ok(head.warnings.length > 0, `cut at ${length} without a word`);
    const text = renderText(recordOf(captured));
    assert.ok(text.endsWith(`${END_LINE}\n`) && text.includes(head.warnings[0] ?? '?'), `cut at ${length}`);
  }
});

test('of a stream that is cut the memory is taken as far as the notes tell of it', async (t) => {
  const { stream, headBytes, pid } = await liveCore(t);
  let withCore = 0;
  for (let length = 0; length <= headBytes; length += SOME) {
    const { captured } = captureCut(stream.subarray(0, length), pid);
    closeModules(captured.modules);
    if (captured.core === null) continue;
    withCore += 1;
    const small = readCoreHead(bytesSource(captured.core.bytes));
    assert.ok(small.segments.length > 0 && small.threads.length > 0, `cut at ${length}`);
  }
  assert.ok(withCore > 10, `${withCore} small cores`);
});

test('the client makes a report of a stream that is cut, for as many lengths as there is time', async (t) => {
  const server = await startTestServer(t, testDirectories(t), { args: ['--gdb', '/nonexistent/gdb'] });
  const { stream, headBytes, pid } = await liveCore(t);
  const table = stream.readUInt16LE(56) * 56;
  const places = [0, 64, 120, 64 + table, 64 + table + 12, Math.floor(headBytes / 2), headBytes, LENGTHS];
  const lengths = new Set(places.flatMap((place) => [Math.max(0, place - 1), place, place + 1]));
  for (const length of lengths) {
    const fed = await feedClient(server, { pid, stream: [stream.subarray(0, length)] });
    assert.equal(fed.exitCode, 0, `cut at ${length}`);
    assert.ok(fed.tookMs < 20_000 && fed.peakKib < MAX_CLIENT_KIB, `${fed.tookMs} ms, ${fed.peakKib} KiB`);
    const { record, text } = fed.published ?? assert.fail(`no report at ${length}`);
    assert.ok(text.endsWith(`${END_LINE}\n`));
    assert.equal(record.process.pid, pid);
    const saysSo = record.collection.notes.some((note) => /^core: ends after|no ELF core/.test(note));
    assert.equal(saysSo, length < headBytes, `cut at ${length}: ${record.collection.notes}`);
    // What does not come through the pipe is there all the same.
    assert.ok((record.maps?.length ?? 0) > 5 && record.process.environment?.includes('LANG=C'));
  }
});
