import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import test from 'node:test';
import { createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { captureCore } from '../../capture/file/capture-core.ts';
import { closeModules } from '../../capture/open-modules.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { fileNote, largestCore, pageSegments, threadNotes } from '../capture/largest-core.ts';
import { madeCore, note } from '../capture/made-core.ts';
import { framesOfGdb, framesOfRecord } from '../machine/gdb-frames.ts';
import { compile, testDirectory } from './live-program.ts';
import { gdbCore, kernelCore, type MadeCore } from './made-core.ts';
import { runDebugger, startBuiltDebugger } from './run-debugger.ts';

async function recordOf(t: test.TestContext, args: readonly string[], env = {}): Promise<CrashRecord> {
  const run = await runDebugger(t, [...args, '--json'], env);
  assert.equal(run.exitCode, 0, run.stderr);
  assert.equal(run.stderr, '');
  return run.record();
}

function assertSameFrames(record: CrashRecord, { program, core }: MadeCore): void {
  const expected = framesOfGdb(program, core);
  assert.ok(expected.size >= 2);
  assert.deepEqual([...framesOfRecord(record)].sort(), [...expected].sort());
}

test("debugger --core shows what gdb shows of the kernel's core, and who died of what", async (t) => {
  const made = await kernelCore(t, 1);
  const record = await recordOf(t, ['--core', made.core]);
  assertSameFrames(record, made);
  const { kind, signal, process, threads, signature, missing, maps } = record;
  assert.deepEqual(
    [kind, signal?.name, signal?.codeName, signal?.address],
    ['core', 'SIGSEGV', 'SEGV_MAPERR', '0'.repeat(16)],
  );
  assert.equal(threads?.[0]?.crashed, true);
  assert.equal(signature?.text, 'SIGSEGV | total_of | work');
  assert.deepEqual([process.comm, process.exe], ['orders', made.program]);
  // Read from the stack, as there is no /proc.
  assert.deepEqual(process.commandLine, [made.program, '1']);
  assert.deepEqual(process.environment, ['PATH=/usr/bin:/bin', 'MARK=from the environment']);
  assert.ok(maps?.some(({ path, permissions }) => path === made.program && permissions === 'r-xp'));
  assert.equal(missing['openFiles'], 'a core does not hold it');
  assert.equal(missing['journal'], 'a core does not tell when and on which machine it was made');
  assert.equal(record.at.us, Math.round(statSync(made.core).mtimeMs * 1000));
});

test('debugger --core says of a core by gcore that its process was alive', async (t) => {
  const made = await gdbCore(t, 1);
  const record = await recordOf(t, ['--core', made.core]);
  assertSameFrames(record, made);
  assert.ok(record.threads?.every(({ crashed }) => !crashed));
  assert.equal(record.signature, null);
  const { stdout } = await runDebugger(t, ['--core', made.core]);
  assert.match(stdout, /^Crash +none: the core was made of a live process/m);
  assert.match(stdout, /^Where +wait_for_ever \(orders\.c:17\) in \/tmp/m);
});

/** Runs the debugger, and looks at the most memory that it ever had, in KiB: VmHWM in proc_pid_status(5). */
async function measured(t: test.TestContext, args: readonly string[]) {
  const { child, ended } = startBuiltDebugger(t, args);
  let peakKib = 0;
  const timer = setInterval(() => {
    if (!existsSync(`/proc/${child.pid}/status`)) return;
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    peakKib = Math.max(peakKib, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }, 5);
  const run = await ended;
  clearInterval(timer);
  assert.equal(run.exitCode, 0, run.stderr);
  return { record: run.record(), peakKib };
}

test('debugger --core makes a small core of a large one, packed or not, in bounded memory', async (t) => {
  const made = await kernelCore(t, 400);
  assert.ok(statSync(made.core).size > 400 * 1024 * 1024);
  const plain = await measured(t, ['--core', made.core, '--json']);
  assertSameFrames(plain.record, made);
  const { bytes = 0, omitted = [] } = plain.record.collection.core ?? {};
  assert.ok(bytes > 0 && bytes < 1024 * 1024, `${bytes} bytes`);
  assert.deepEqual(omitted, []);
  const packed = join(testDirectory(t), 'packed');
  await pipeline(createReadStream(made.core), createZstdCompress(), createWriteStream(packed));
  const unpacked = await measured(t, ['--core', packed, '--json']);
  assert.deepEqual(unpacked.record.threads, plain.record.threads);
  assert.equal(unpacked.record.quickKey, plain.record.quickKey);
  for (const { peakKib } of [plain, unpacked]) {
    assert.ok(peakKib > 0 && peakKib < 256 * 1024, `${peakKib} KiB`);
  }
});

test('debugger --core stays in bounded memory, however much a core says before its memory', async (t) => {
  const core = join(testDirectory(t), 'core');
  writeFileSync(core, madeCore({ segments: pageSegments(260_000), notes: threadNotes(4242), count: 0xffff }));
  const many = await measured(t, ['--core', core, '--json']);
  assert.equal((many.record.maps?.length ?? 0) + (many.record.omittedMaps ?? 0), 260_000);
  writeFileSync(core, largestCore());
  const largest = await measured(t, ['--core', core, '--json']);
  assert.match(largest.record.collection.notes.join('\n'), /bytes of notes, read were the first \d+/);
  assert.match(largest.record.collection.core?.omitted.join('\n') ?? '', /the list of mapped files/);
  for (const { peakKib } of [many, largest]) assert.ok(peakKib > 0 && peakKib < 256 * 1024, `${peakKib} KiB`);
});

test('debugger --core stays in bounded memory where many threads, mappings and files come together', async (t) => {
  const core = join(testDirectory(t), 'core');
  const segments = pageSegments(32_700);
  const threads = Array.from({ length: 65_500 }, (_, index) => {
    const status = Buffer.alloc(336);
    status.writeUInt32LE(index + 1, 32);
    // user_regs_struct: each thread's all lead to a page that few others have.
    for (let at = 112; at < 328; at += 8)
      status.writeBigUInt64LE(segments[index % segments.length]?.start ?? 0n, at);
    return Buffer.concat([note(1, status), note(2, Buffer.alloc(512))]);
  });
  const paths = Array.from(
    { length: 65_000 },
    (_, index) => `/usr/lib/x86_64-linux-gnu/a/long/name/${index}.so`,
  );
  writeFileSync(core, madeCore({ segments, notes: Buffer.concat([fileNote(paths), ...threads]) }));
  const { record, peakKib } = await measured(t, ['--core', core, '--json']);
  assert.equal(record.omittedThreads, 65_500 - 1024);
  assert.match(record.collection.notes.join('\n'), /the first 1024 that hold an ELF file/);
  assert.ok(peakKib > 0 && peakKib < 240 * 1024, `${peakKib} KiB`);
});

/** How each packing is made, and of two parts. */
const PACK: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  zst: zstdCompressSync,
  gz: (bytes) => gzipSync(bytes),
  xz: (bytes) => execFileSync('xz', ['-1', '-c'], { input: bytes, maxBuffer: 1 << 30 }),
  lz4: (bytes) => execFileSync('lz4', ['-q', '-1', '-c'], { input: bytes, maxBuffer: 1 << 30 }),
};

test('debugger --core unpacks zstd, gzip, xz and lz4, also in several parts, and says where they are damaged', async (t) => {
  const made = await kernelCore(t, 1);
  const bytes = readFileSync(made.core);
  const expected = await recordOf(t, ['--core', made.core]);
  const packed = join(testDirectory(t), 'packed');
  const half = Math.floor(bytes.length / 2);
  for (const [name, pack] of Object.entries(PACK)) {
    writeFileSync(packed, Buffer.concat([pack(bytes.subarray(0, half)), pack(bytes.subarray(half))]));
    const record = await recordOf(t, ['--core', packed]);
    assert.deepEqual(record.threads, expected.threads, name);
    // Cut near its end: what came before is shown all the same.
    const whole = pack(bytes);
    writeFileSync(packed, whole.subarray(0, whole.length - 20));
    const cut = await runDebugger(t, ['--core', packed, '--json']);
    assert.equal(cut.exitCode, 0, `${name}: ${cut.stderr}`);
    assert.match(cut.stderr, /^debugger: The core is damaged, what came before is shown: [^\n]+\n/, name);
    assert.equal(cut.record().signal?.name, 'SIGSEGV', name);
    assert.match(cut.record().collection.notes.join(), /The core is damaged/, name);
    // And at its beginning, or in it.
    for (const damaged of [
      whole.subarray(0, 20),
      Buffer.concat([whole.subarray(0, 12), Buffer.alloc(500, 'x')]),
    ]) {
      writeFileSync(packed, damaged);
      const run = await runDebugger(t, ['--core', packed]);
      assert.deepEqual([run.exitCode, run.stdout], [1, ''], name);
      assert.match(
        run.stderr,
        /^debugger: \S+ (cannot be unpacked|holds no registers|is no core)[^\n]*\n$/,
        name,
      );
    }
  }
});

test('debugger --core finds files by paths, names and build-ids below a sysroot, also by absolute links', async (t) => {
  const made = await kernelCore(t, 2);
  const directory = testDirectory(t);
  const root = join(directory, 'root');
  const record = await recordOf(t, ['--core', made.core]);
  const copied = join(root, 'store');
  mkdirSync(copied, { recursive: true });
  for (const { path } of record.modules ?? []) {
    if (path === null || !path.startsWith('/')) continue;
    const name = path.replaceAll('/', '_');
    copyFileSync(path, join(copied, name));
    mkdirSync(join(root, dirname(path)), { recursive: true });
    symlinkSync(`/store/${name}`, join(root, path));
  }
  // What lies at the path here is another program by now.
  rmSync(made.program);
  compile(dirname(made.program), 'orders.c', 'int main(void) { return 7; }');
  const wrong = await runDebugger(t, ['--core', made.core]);
  assert.match(wrong.stdout, /^#0 +0x[0-9a-f]+ in \?\? from .*orders\+0x/m);
  assert.deepEqual((await recordOf(t, ['--core', made.core, '--sysroot', root])).threads, record.threads);
  // A flat directory of files does as well.
  const flat = join(directory, 'flat');
  mkdirSync(flat);
  for (const { path } of record.modules ?? []) {
    if (path?.startsWith('/'))
      copyFileSync(join(copied, path.replaceAll('/', '_')), join(flat, basename(path)));
  }
  const fromFlat = await recordOf(t, ['--core', made.core, '--sysroot', flat]);
  assert.deepEqual(functionsOf(fromFlat), functionsOf(record));
  // The executable alone may be named; one of another build is not believed.
  const executable = join(flat, 'orders');
  assert.deepEqual(
    functionsOf(await recordOf(t, ['--core', made.core, '--exe', executable])),
    functionsOf(record),
  );
  const other = await runDebugger(t, ['--core', made.core, '--exe', made.program, '--json']);
  assert.equal(other.exitCode, 0);
  assert.match(
    other.stderr,
    /^debugger: \S+orders is not used: its build-id is [0-9a-f]{40}, in the core it is [0-9a-f]{40}\n$/,
  );
  assert.equal(other.record().threads?.[0]?.frames?.[0]?.function, null);
});

test('debugger --core names the files that it has not found, and does not blame debug symbols for them', async (t) => {
  const made = await kernelCore(t, 1);
  const root = testDirectory(t);
  const missing = await recordOf(t, ['--core', made.core, '--sysroot', root]);
  const notes = missing.collection.notes.join('\n');
  assert.match(
    notes,
    /^modules: not found below the sysroot, [^\n]*: orders, [^\n]*libc\.so\.6[^\n]*: frames /m,
  );
  assert.doesNotMatch(notes, /vdso/);
  assert.match(missing.missing['source'] ?? '', /the file (?:of \S+\/orders )?was not found or not opened$/);
  mkdirSync(join(root, dirname(made.program)), { recursive: true });
  copyFileSync(made.program, join(root, made.program));
  const partly = await recordOf(t, ['--core', made.core, '--sysroot', root]);
  assert.match(
    partly.collection.notes.join('\n'),
    /^modules: not found below the sysroot, [^:\n]*: libc\.so\.6, /m,
  );
  const whole = await recordOf(t, ['--core', made.core]);
  assert.doesNotMatch(whole.collection.notes.join('\n'), /not found/);
});

const functionsOf = (record: CrashRecord) =>
  record.threads?.map(({ frames }) => frames?.map((frame) => frame.function));

test('debugger --core shows what is there of a core that was cut short, and refuses one without registers', async (t) => {
  const made = await kernelCore(t, 1);
  const { size } = statSync(made.core);
  const core = join(testDirectory(t), 'core');
  copyFileSync(made.core, core);
  truncateSync(core, size - 8192);
  const run = await runDebugger(t, ['--core', core, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  assert.match(run.stderr, /^debugger: \S+core: cut short, \d+ bytes of its memory are missing\n$/);
  assert.equal(run.record().threads?.[0]?.crashed, true);
  for (const [length, reason] of [
    [1000, /holds no registers of any thread: ends after \d+ of \d+ (bytes of notes|program headers)$/],
    [200, /holds no registers of any thread: ends after \d+ of \d+ program headers$/],
    [64, /holds no registers of any thread: ends after 0 of \d+ program headers$/],
    [40, /is no core: 40 bytes without an ELF header$/],
  ] as const) {
    truncateSync(core, length);
    const cut = await runDebugger(t, ['--core', core]);
    assert.deepEqual([cut.exitCode, cut.stdout], [1, ''], String(length));
    assert.match(cut.stderr.trimEnd(), reason, String(length));
  }
});

test('debugger --core refuses what is no core, in one line', async (t) => {
  const directory = testDirectory(t);
  const path = (name: string) => join(directory, name);
  writeFileSync(path('empty'), '');
  writeFileSync(path('text'), 'no core at all');
  writeFileSync(path('core.xz'), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]));
  execFileSync('mkfifo', [path('pipe')]);
  symlinkSync('nowhere', path('link'));
  const cases: [string[], string][] = [
    [['--core', path('missing')], `${path('missing')} does not exist`],
    [['--core', path('link')], `${path('link')} does not exist`],
    [['--core', path('empty')], `${path('empty')} is empty`],
    [['--core', directory], `${directory} is a directory`],
    [
      ['--core', path('pipe')],
      `${path('pipe')} is a pipe, and a core is read here and there: save it in a file first`,
    ],
    [['--core', '/dev/zero'], '/dev/zero is no regular file'],
    [['--core', path('text')], `${path('text')} is no core: 14 bytes without an ELF header`],
    [['--core', process.execPath], `${process.execPath} is no core: its e_type is 2, not 4 (ET_CORE)`],
    [['--core', path('text'), '--sysroot', path('text')], `${path('text')} is no directory`],
    [
      ['--core', path('text'), '--exe', path('text')],
      `${path('text')} is no executable: it does not begin like an ELF file`,
    ],
    [
      ['--core', path('core.xz')],
      `${path('core.xz')} cannot be unpacked: xz: (stdin): Unexpected end of input`,
    ],
  ];
  for (const [args, line] of cases) {
    const run = await runDebugger(t, args);
    assert.deepEqual([run.exitCode, run.stdout, run.stderr], [1, '', `debugger: ${line}\n`]);
  }
  const full = await runDebugger(t, ['--core', path('core.xz')], { TMPDIR: path('missing') });
  assert.equal(full.exitCode, 1);
  assert.match(
    full.stderr,
    /^debugger: \S+missing cannot hold the unpacked core: .*Try: another directory in TMPDIR\n$/,
  );
});

test('debugger --core reads a small core of ours again, to the same', async (t) => {
  const made = await kernelCore(t, 400);
  const core = openSync(made.core, 'r');
  t.after(() => closeSync(core));
  const captured = captureCore(core, { sysroot: '/', executable: null });
  closeModules(captured.modules);
  const small = join(testDirectory(t), 'usercrash_07.core.zst');
  writeFileSync(small, zstdCompressSync(captured.core?.bytes ?? Buffer.alloc(0)));
  const record = await recordOf(t, ['--core', small]);
  assertSameFrames(record, made);
  assert.equal(record.quickKey, captured.quickKey);
});
