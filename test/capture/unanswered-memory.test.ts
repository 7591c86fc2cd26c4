import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Record as CrashRecord } from '../../report/record.ts';
import { run, startCollecting } from '../machine/collecting.ts';
import { CrashPlace, gdb, type HeldCrash } from './crash-held.ts';
import { fuseIsMissing, mountSilentFuse } from './silent-fuse.ts';
import { CROWDED, EXECUTABLE, MAPPING, REGION, STRINGS } from './unanswered-programs.ts';

/**
 * Memory that whoever is to give it never gives: userfaultfd, and a file system whose server has gone silent. A read of the
 * second never ends, and while a request is in the server's hands not even SIGKILL ends the reader. Of the first the kernel
 * gives nothing to /proc/PID/mem (handle_userfault() in fs/userfaultfd.c, without FAULT_FLAG_ALLOW_RETRY), where
 * process_vm_readv(2) would wait.
 */

/** How long a dead process may be held, whatever it does. */
const HELD_MS = 2_000;
/** How long a test waits for what does not come. */
const PATIENCE_MS = 10_000;

const FRAMES = ['fail', 'fail', 'fail', 'fail', 'main'];
/** More than fits into the page in which the arguments begin. */
const LONG = 'x'.repeat(20_000);

/** The same, or an error when it takes too long. */
async function within<Value>(what: string, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} is not there after ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A file for the pid of the process that does not answer, which is let go when the test ends. */
function holderFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'uc-holder-'));
  const path = join(directory, 'pid');
  writeFileSync(path, '');
  t.after(() => {
    const pid = Number(readFileSync(path, 'latin1'));
    rmSync(directory, { recursive: true });
    try {
      if (pid > 0) process.kill(pid, 'SIGTERM');
    } catch {
      // It ends with the process that has crashed.
    }
  });
  return path;
}

async function framesIn(program: string, core: string): Promise<string[]> {
  return [...(await gdb(program, core, 'bt')).matchAll(/^#\d+ .*?(\w+) \(/gm)].map(([, name = '']) => name);
}

function assertHeldShortly({ facts }: HeldCrash): void {
  assert.ok(facts.captureMs < HELD_MS, `the capture took ${facts.captureMs} ms`);
  assert.match(facts.omitted?.join('\n') ?? '', /could not be read/);
}

test('captureCrash() gives up memory of a userfaultfd that nobody answers', async (t) => {
  const holder = holderFile(t);
  const place = await CrashPlace.take(t, undefined, 'small');
  const program = place.compile('region.c', REGION);
  const crash = await within('the capture', place.crash(program, { args: [holder] }));
  assertHeldShortly(crash);
  assert.deepEqual(await framesIn(program, crash.small), FRAMES);
});

test('captureCrash() gives up arguments and environment that nobody gives', async (t) => {
  const holder = holderFile(t);
  const place = await CrashPlace.take(t, undefined, 'small');
  const program = place.compile('strings.c', STRINGS);
  const crash = await within('the capture', place.crash(program, { args: [holder, LONG], env: { LONG } }));
  assertHeldShortly(crash);
  assert.deepEqual(await framesIn(program, crash.small), FRAMES);
  assert.match(crash.facts.exe, /\/strings$/);
  // The kernel gives what stands before the first such page.
  assert.ok(crash.facts.cmdline.length < LONG.length);
});

for (const silence of ['take', 'leave'] as const) {
  test(`captureCrash() gives up mapped pages of a silent file system (${silence})`, {
    skip: fuseIsMissing,
  }, async (t) => {
    const place = await CrashPlace.take(t, undefined, 'small');
    const program = place.compile('mapping.c', MAPPING);
    const fuse = await mountSilentFuse(t, process.execPath, ['all', silence]);
    const crash = await within('the capture', place.crash(program, { args: [fuse.file, fuse.silence] }));
    assertHeldShortly(crash);
    await fuse.end(); // gdb, all by itself, opens the mapped files.
    assert.deepEqual(await framesIn(program, crash.small), FRAMES);
  });

  test(`captureCrash() gives up an executable on a silent file system (${silence})`, {
    skip: fuseIsMissing,
  }, async (t) => {
    const place = await CrashPlace.take(t, undefined, 'small');
    const program = place.compile('executable.c', EXECUTABLE);
    const fuse = await mountSilentFuse(t, program, ['all', silence]);
    const crash = await within('the capture', place.crash(fuse.file, { args: [fuse.silence] }));
    assert.ok(crash.facts.captureMs < HELD_MS, `the capture took ${crash.facts.captureMs} ms`);
    await fuse.end();
    assert.deepEqual(await framesIn(program, crash.small), FRAMES);
  });
}

test('captureCrash() gives up mapped pages of a silent file system that the core does not tell of', {
  skip: fuseIsMissing,
}, async (t) => {
  const place = await CrashPlace.take(t, undefined, 'small');
  const program = place.compile('crowded.c', CROWDED);
  const fuse = await mountSilentFuse(t, process.execPath, ['all', 'take']);
  const crash = await within('the capture', place.crash(program, { args: [fuse.file, fuse.silence] }));
  assertHeldShortly(crash);
  await fuse.end();
  assert.deepEqual(await framesIn(program, crash.small), FRAMES);
});

/** A report of a program that crashes under the whole collector. */
async function collected(
  t: TestContext,
  source: string,
  start: (program: string) => Promise<readonly string[]>,
): Promise<CrashRecord> {
  const collecting = await startCollecting(t);
  const { stateDir } = collecting.directories;
  mkdirSync(stateDir, { recursive: true });
  const compiled = join(stateDir, 'program');
  writeFileSync(`${compiled}.c`, source);
  execFileSync('gcc', ['-g', '-O0', '-w', '-o', compiled, `${compiled}.c`]);
  const [program = '', ...args] = await start(compiled);
  const ended = await within('the end of the process', run(program, args));
  const { record } = await within('the report', collecting.published(ended.pid));
  const released = record.collection.steps.find(({ name }) => name === 'released')?.atMs;
  assert.ok(released !== undefined && released < HELD_MS, `it was held for ${released} ms`);
  return record;
}

function namesIn(record: CrashRecord): (string | null)[] {
  return (record.threads?.[0]?.frames ?? []).map((frame) => frame.function);
}

test('a crash with a userfaultfd that nobody answers gets its report', async (t) => {
  const record = await collected(t, REGION, async (program) => [program, holderFile(t)]);
  assert.deepEqual(namesIn(record), FRAMES);
});

test('a crash whose arguments nobody gives gets its report', async (t) => {
  const record = await collected(t, STRINGS, async (program) => [program, holderFile(t), LONG]);
  assert.deepEqual(namesIn(record), FRAMES);
  assert.match(record.process.commandLine?.[0] ?? '', /program$/);
});

test('a crash with a file of a silent file system gets its report', { skip: fuseIsMissing }, async (t) => {
  const record = await collected(t, MAPPING, async (program) => {
    const fuse = await mountSilentFuse(t, process.execPath, ['all', 'take']);
    return [program, fuse.file, fuse.silence];
  });
  assert.deepEqual(namesIn(record), FRAMES);
});

for (const what of ['all', 'reads'] as const) {
  // `reads`: the file can still be opened, and who then looks into it waits.
  test(`a crash of an executable on a silent file system gets its report (${what})`, {
    skip: fuseIsMissing,
  }, async (t) => {
    const record = await collected(t, EXECUTABLE, async (program) => {
      const fuse = await mountSilentFuse(t, program, [what, 'take']);
      return [fuse.file, fuse.silence];
    });
    const [frame] = record.threads?.[0]?.frames ?? [];
    assert.equal(frame?.pc, record.registers?.find(({ name }) => name === 'rip')?.value);
    assert.match(frame?.module ?? '', /\/mounted\/file$/);
  });
}
