import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Record as CrashRecord } from '../../report/record.ts';
import { END_LINE } from '../../report/render-text.ts';
import { madeCore, note } from '../capture/made-core.ts';
import { randomFrom } from '../random.ts';
import { startTestServer, type TestServer, testDirectories } from '../server/test-server.ts';
import { type Fed, feedClient, MAX_CLIENT_KIB } from './feed-client.ts';
import { liveCore } from './live-core.ts';

const NT_PRSTATUS = 1;
const NT_AUXV = 6;
const NT_FILE = 0x46494c45;
const MAX = 2n ** 64n - 1n;

/** The registers of a thread, each with this value. */
function registers(value: bigint): Buffer {
  const status = Buffer.alloc(336);
  for (let at = 112; at < 112 + 27 * 8; at += 8) status.writeBigUInt64LE(value, at);
  return note(NT_PRSTATUS, status);
}

function words(...values: bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(value, index * 8);
  return bytes;
}

function garbage(bytes: number): Buffer {
  const random = randomFrom(7);
  return Buffer.from(Array.from({ length: bytes }, () => random(256)));
}

/** A stream that goes on for longer than anybody reads. */
function* without(end: Buffer): Generator<Buffer> {
  yield end;
  const part = Buffer.alloc(1024 * 1024, registers(0x1234n));
  for (let count = 0; count < 512; count += 1) yield part;
}

/** What the stream is, and what the report's notes say of it. */
const STREAMS: readonly (readonly [what: string, stream: () => Iterable<Buffer>, says: RegExp])[] = [
  ['nothing', () => [], /no ELF core: 0 bytes/],
  ['garbage', () => [garbage(256 * 1024)], /no ELF core: \d+ bytes without an ELF header/],
  ['an ELF header and no more', () => [madeCore({}).subarray(0, 64)], /ends after 0 of 1 program headers/],
  ['an executable', () => [readFileSync(process.execPath).subarray(0, 65_536)], /e_type is \d, not 4/],
  ['a count of program headers that lies', () => [madeCore({ count: 0xfffe })], /ends after 1 of 65534/],
  ['no program header', () => [madeCore({ count: 0 })], /no PT_NOTE/],
  ['notes of 2^64 bytes', () => [madeCore({ noteBytes: MAX })], /ends after 0 of \d+ bytes of notes/],
  ['notes near 2^64', () => [madeCore({ noteOffset: MAX - 4095n })], /notes at offset \d+ are out of reach/],
  ['notes without end', () => without(madeCore({ noteBytes: MAX })), /bytes of notes, read were the first/],
  [
    'a note that is larger than all',
    () => [madeCore({ notes: Buffer.alloc(64, 0xff) })],
    /notes after byte 0 of 64 make no sense/,
  ],
  [
    'a count of files near 2^64',
    () => [madeCore({ notes: note(NT_FILE, words(MAX, 4096n)) })],
    /NT_FILE claims 18446744073709551615 files/,
  ],
  [
    'segments that overlap, and such near 2^64',
    () => [
      madeCore({
        notes: registers(MAX),
        segments: [
          { start: 0x1000n, bytes: 0x3000n },
          { start: 0x2000n, bytes: 0x4000n },
          { start: MAX - 0xfffn, bytes: 0x2000n },
          { start: 0x10000n, bytes: 0x1000n, fileBytes: MAX },
        ],
      }),
    ],
    /3 segments with impossible or overlapping addresses/,
  ],
  [
    'registers and auxiliary vector that point anywhere',
    () => [
      madeCore({
        notes: Buffer.concat([registers(2n ** 47n - 8n), note(NT_AUXV, words(3n, MAX, 5n, MAX, 33n, MAX))]),
        segments: [{ start: 2n ** 47n - 4096n, bytes: 4096n }],
      }),
    ],
    /executable are not readable|another process/,
  ],
];

/** The report of a stream, which is there in any case. */
async function reportOf(server: TestServer, fed: Fed): Promise<NonNullable<Fed['published']>> {
  assert.equal(fed.exitCode, 0, server.log.join('\n'));
  assert.ok(fed.peakKib < MAX_CLIENT_KIB, `${fed.peakKib} KiB`);
  const published = fed.published ?? assert.fail('no report');
  assert.ok(published.text.endsWith(`${END_LINE}\n`));
  return published;
}

const startServer = (t: TestContext) =>
  startTestServer(t, testDirectories(t), { args: ['--gdb', '/nonexistent/gdb'] });

test('every stream gives a report that says what is wrong with it', async (t) => {
  const server = await startServer(t);
  const { pid } = await liveCore(t);
  for (const [what, stream, says] of STREAMS) {
    await t.test(what, async () => {
      const fed = await feedClient(server, { pid, stream: stream() });
      const { record } = await reportOf(server, fed);
      assert.match(record.collection.notes.join('\n'), says);
      assert.ok(fed.tookMs < 20_000, `${fed.tookMs} ms`);
    });
  }
});

for (const [what, bytes] of [
  ['nothing', 0],
  ['half of its notes', 4_000],
] as const) {
  test(`a stream of which ${what} comes, and that never ends, is given up`, async (t) => {
    const server = await startServer(t);
    const { pid, stream } = await liveCore(t);
    const fed = await feedClient(server, { pid, stream: [stream.subarray(0, bytes)], isHeldOpen: true });
    const { record } = await reportOf(server, fed);
    assert.match(record.collection.notes.join('\n'), /ends after|no ELF core/);
    assert.ok(fed.tookMs > 9_000 && fed.tookMs < 25_000, `${fed.tookMs} ms`);
    assert.ok((record.maps?.length ?? 0) > 5);
  });
}

test('a process that vanishes midway leaves what its notes say', async (t) => {
  const server = await startServer(t);
  const { pid, stream, child } = await liveCore(t);
  async function* vanishing() {
    yield stream.subarray(0, 1000);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    yield stream.subarray(1000);
  }
  const { record } = await reportOf(server, await feedClient(server, { pid, stream: vanishing() }));
  assert.equal(record.threads?.length, 2);
  assert.equal(record.process.comm, 'waiting');
  assert.equal(record.collection.core, null);
  assert.match(record.missing['maps'] ?? '', /has ended meanwhile/);
});

test('of a number that is another process by now nothing is kept', async (t) => {
  const server = await startServer(t);
  const dead = await liveCore(t);
  const other = await liveCore(t);
  const unread = `process ${dead.pid}, not ${other.pid}, nothing`;
  for (const [pidfdOf, says] of [
    [null, /is another process by now, nothing of it was kept/],
    [dead.pid, new RegExp(`pidfd is of ${unread} of it was kept`)],
  ] as const) {
    const crash = { pid: other.pid, pidfdOf, stream: [dead.stream] };
    const { record, text } = await reportOf(server, await feedClient(server, crash));
    assert.match(record.collection.notes.join('\n'), says);
    assertNothingOf(record);
    assert.ok(!text.includes(other.program) && !text.includes('of the process'));
    // What the kernel wrote is of the one that died.
    assert.equal(record.threads?.[0]?.tid, dead.pid);
  }
});

test('where neither a pidfd nor the notes tell who it is, nothing is kept', async (t) => {
  const server = await startServer(t);
  const { pid, stream } = await liveCore(t);
  const crash = { pid, pidfdOf: null, stream: [stream.subarray(0, 100)] };
  const { record } = await reportOf(server, await feedClient(server, crash));
  assert.match(record.missing['maps'] ?? '', /nothing tells whether/);
  assertNothingOf(record);
});

function assertNothingOf({
  collection,
  modules,
  maps,
  openFiles,
  process: { environment, commandLine },
}: CrashRecord) {
  assert.deepEqual(
    [collection.core, modules, maps, openFiles, environment, commandLine],
    [null, [], null, null, null, null],
  );
}

test('words that the kernel does not write are refused, and the kernel log says so', async (t) => {
  const server = await startServer(t);
  const pid = 10 ** 12 + process.pid;
  const fed = await feedClient(server, { pid, stream: [madeCore({})] });
  assert.equal(fed.exitCode, 2);
  const line = new RegExp(`usercrash: a crash was not collected: %P is .{1,2}${pid}`);
  assert.match(execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 2 ** 26 }), line);
});

for (const [what, pid] of [
  ['nobody has', 2 ** 22 + 1],
  ['is a kernel thread', 2],
] as const) {
  test(`a number that ${what} gives a report`, async (t) => {
    const server = await startServer(t);
    const { stream } = await liveCore(t);
    const { record } = await reportOf(server, await feedClient(server, { pid, stream: [stream] }));
    assert.equal(record.threads?.length, 2);
    assert.equal(record.collection.core, null);
  });
}
