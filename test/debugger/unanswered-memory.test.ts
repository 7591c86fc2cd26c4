import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fuseIsMissing, mountSilentFuse } from '../capture/silent-fuse.ts';
import { MAPPING, REGION, STRINGS } from '../capture/unanswered-programs.ts';
import { compile, start, stateOf, testDirectory } from './live-program.ts';
import { type DebuggerRun, runDebugger } from './run-debugger.ts';

/** Where the programs of test/capture/ crash, those here say that they are ready, and wait. */
function waiting(source: string): string {
  const crash = /return (\*\(volatile int \*\)0) \+ /;
  assert.match(source, crash);
  return source.replace(crash, 'write(1, "ready\\n", 6); for (;;) pause(); return ');
}

/** It has its report, goes on, and waits for nobody. */
function assertLooked(run: DebuggerRun, pid: number): void {
  assert.equal(run.exitCode, 0, run.stderr);
  const names = run.record().threads?.[0]?.frames?.map((frame) => frame.function) ?? [];
  assert.deepEqual(names.slice(names.indexOf('fail')), ['fail', 'fail', 'fail', 'fail', 'main']);
  assert.match(stateOf(pid), /^S 0$/);
}

test('debugger PID leaves alone memory of a userfaultfd that nobody answers', async (t) => {
  for (const [name, source, ...more] of [
    ['region.c', REGION],
    ['strings.c', STRINGS, 'x'.repeat(20_000)],
  ] as const) {
    const directory = testDirectory(t);
    // Who does not answer ends with the program.
    const holder = join(directory, 'holder');
    writeFileSync(holder, '');
    const { pid } = await start(t, compile(directory, name, waiting(source)), [holder, ...more]);
    assertLooked(await runDebugger(t, [pid, '--json']), pid);
  }
});

for (const silence of ['take', 'leave'] as const) {
  test(`debugger PID leaves alone mapped pages of a silent file system (${silence})`, {
    skip: fuseIsMissing,
  }, async (t) => {
    const program = compile(testDirectory(t), 'mapping.c', waiting(MAPPING));
    const fuse = await mountSilentFuse(t, process.execPath, ['all', silence]);
    const { pid } = await start(t, program, [fuse.file, fuse.silence]);
    assertLooked(await runDebugger(t, [pid, '--json']), pid);
    await fuse.end();
  });
}
