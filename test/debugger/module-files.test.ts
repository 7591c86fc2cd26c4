import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { readRecord } from '../../report/read-record.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { compile, start, testDirectory } from './live-program.ts';
import { BUILT_DEBUGGER, runDebugger } from './run-debugger.ts';

/** Loads copies of a library, and waits in a function that the last one has called. */
const SOURCE = `
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static void wait_for_ever(void) { puts("ready"); fflush(stdout); for (;;) pause(); }
int main(int count, char **words) {
  void *last = 0;
  for (int number = 0; number < atoi(words[2]); number++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/copy-%d.so", words[1], number);
    last = dlopen(path, RTLD_NOW);
    if (last == 0) { puts(dlerror()); return 1; }
  }
  if (last == 0) wait_for_ever();
  ((void (*)(void (*)(void)))dlsym(last, "call_back"))(wait_for_ever);
}`;
const LIBRARY = 'void call_back(void (*function)(void)) { function(); }';

/** The program and as many copies of the library; one build-id for all, as many files. */
function made(t: test.TestContext, copies: number) {
  const directory = testDirectory(t);
  chmodSync(directory, 0o755);
  const program = compile(directory, 'loader.c', SOURCE);
  const library = compile(directory, 'library.c', LIBRARY, ['-g', '-O0', '-shared', '-fPIC']);
  for (let number = 0; number < copies; number += 1)
    copyFileSync(library, join(directory, `copy-${number}.so`));
  return { directory, program, words: [directory, String(copies)] };
}

const functionsOf = ({ threads }: CrashRecord) => threads?.[0]?.frames?.map((frame) => frame.function) ?? [];

async function recordOf(t: test.TestContext, pid: number): Promise<CrashRecord> {
  const run = await runDebugger(t, [pid, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  return run.record();
}

/** By util-linux's setpriv or prlimit. */
async function recordBy(command: string, args: readonly string[], pid: number): Promise<CrashRecord> {
  const child = spawn(command, [...args, BUILT_DEBUGGER, String(pid), '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin' },
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(stderr, '');
  return readRecord(Buffer.from(stdout));
}

test('an executable whose name was removed is deleted, also where it has another name', async (t) => {
  const { directory, program, words } = made(t, 0);
  const { pid } = await start(t, program, words);
  linkSync(program, join(directory, 'other-name'));
  rmSync(program);
  const { process, threads } = await recordOf(t, pid);
  assert.deepEqual([process.exe, process.exeDeleted], [program, true]);
  assert.ok(threads?.[0]?.frames?.some((frame) => frame.function === 'wait_for_ever'));
});

test('an executable that is called as if it were deleted is not', async (t) => {
  const { program, words } = made(t, 0);
  renameSync(program, `${program} (deleted)`);
  const { pid } = await start(t, `${program} (deleted)`, words);
  const { process } = await recordOf(t, pid);
  assert.deepEqual([process.exe, process.exeDeleted], [`${program} (deleted)`, false]);
});

/** Nobody's. */
const UID = 54_321;
const AS_USER = ['--reuid', String(UID), '--regid', String(UID), '--clear-groups'];

test('debugger PID shows an ordinary user the functions of libraries, whose files only root can open as mapped', async (t) => {
  const { directory, program, words } = made(t, 2);
  const { pid } = await start(t, 'setpriv', [...AS_USER, program, ...words]);
  const expected = functionsOf(await recordOf(t, pid));
  assert.ok(
    expected.includes('call_back') && expected.some((name) => name?.includes('pause')),
    `${expected}`,
  );
  const record = await recordBy('setpriv', AS_USER, pid);
  assert.deepEqual(functionsOf(record), expected);
  assert.doesNotMatch(record.collection.notes.join('\n'), /were not opened/);
  // What lies at the path by now is another build: its names would be wrong.
  rmSync(join(directory, 'copy-1.so'));
  compile(directory, 'other.c', `int other;\n${LIBRARY}`, ['-g', '-O0', '-shared', '-fPIC']);
  renameSync(join(directory, 'other'), join(directory, 'copy-1.so'));
  const replaced = await recordBy('setpriv', AS_USER, pid);
  assert.ok(!functionsOf(replaced).includes('call_back'));
  assert.match(
    replaced.collection.notes.join('\n'),
    /modules: of \d+ the files of 1 were not opened \(EPERM: /,
  );
});

test('600 libraries all have their symbols, and where descriptors do not allow it the report says so', async (t) => {
  const { program, words } = made(t, 600);
  const { pid } = await start(t, program, words);
  const record = await recordOf(t, pid);
  assert.ok(functionsOf(record).includes('call_back'), `${functionsOf(record)}`);
  assert.doesNotMatch(record.collection.notes.join('\n'), /were not opened/);
  const few = await recordBy('prlimit', ['--nofile=800:800'], pid);
  assert.match(
    few.collection.notes.join('\n'),
    /modules: of 60\d the files of 20\d were not opened \(no more than 400 are\): no symbols of those/,
  );
});

test('a program that was linked with 600 libraries has them all, by the names that the linker has for them', async (t) => {
  const { directory } = made(t, 600);
  const libraries = Array.from({ length: 600 }, (_, number) => join(directory, `copy-${number}.so`));
  const source = `
    #include <stdio.h>
    #include <unistd.h>
    void call_back(void (*function)(void));
    static void wait_for_ever(void) { puts("ready"); fflush(stdout); for (;;) pause(); }
    int main(void) { call_back(wait_for_ever); }`;
  const program = compile(directory, 'linked.c', source, ['-g', '-O0', '-Wl,--no-as-needed', ...libraries]);
  const { pid } = await start(t, program);
  const { modules, collection } = await recordOf(t, pid);
  // Only the list has it: it is no file.
  assert.ok(modules?.some(({ name }) => name === 'linux-vdso.so.1'));
  assert.ok((modules?.length ?? 0) > 600, `${modules?.length}`);
  assert.doesNotMatch(collection.notes.join('\n'), /modules:/);
});
