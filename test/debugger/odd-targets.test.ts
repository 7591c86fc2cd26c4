import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { compile, start, stateOf, testDirectory, until } from './live-program.ts';
import { runDebugger } from './run-debugger.ts';

const SOURCE = `
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
static void ready(void) { puts("ready"); fflush(stdout); }
static void *wait_for_ever(void *name) { pthread_setname_np(pthread_self(), name); for (;;) pause(); }
static void *end(void *unused) { return 0; }
static void *start_and_join(void *unused) {
  pthread_t thread;
  for (;;) { pthread_create(&thread, 0, end, 0); pthread_join(thread, 0); }
}
int main(int count, char **words) {
  const char *what = words[1];
  pthread_t thread;
  if (strcmp(what, "main-ended") == 0) {
    pthread_create(&thread, 0, wait_for_ever, "left");
    usleep(50000);
    ready();
    pthread_exit(0);
  }
  if (strcmp(what, "vfork") == 0) {
    pthread_create(&thread, 0, wait_for_ever, "other");
    usleep(50000);
    ready();
    if (vfork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); sleep(1000); _exit(0); }
  }
  if (strcmp(what, "churn") == 0) for (int number = 0; number < 6; number++) pthread_create(&thread, 0, start_and_join, 0);
  if (strcmp(what, "named") == 0) for (int number = 0; number < 3; number++) {
    pthread_create(&thread, 0, wait_for_ever, number == 1 ? "second" : "other");
    usleep(20000);
  }
  if (strcmp(what, "maps") == 0) for (int number = 0; number < 20000; number++)
    mmap(0, 4096, number % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (strcmp(what, "secret") == 0) {
    char *secret = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sprintf(secret, "never %s a core", "in");
    madvise(secret, 4096, MADV_DONTDUMP);
    char *volatile known = strdup("may be in a core"), *volatile pointer = secret;
    ready();
    for (;;) pause();
  }
  ready();
  for (;;) pause();
}`;

const compiled = (t: test.TestContext) => compile(testDirectory(t), 'odd.c', SOURCE);

test('debugger PID shows the threads that are left when the main thread has ended', async (t) => {
  const { pid } = await start(t, compiled(t), ['main-ended']);
  await until('main ends', () => stateOf(pid).startsWith('Z'));
  const run = await runDebugger(t, [pid, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  const record = run.record();
  assert.deepEqual(
    record.threads?.map(({ name, activity }) => [name, activity?.systemCall]),
    [['left', 'pause']],
  );
  assert.ok(record.threads?.[0]?.frames?.some((frame) => frame.function === 'wait_for_ever'));
  assert.equal(record.process.comm, 'odd');
  assert.notEqual(record.process.tid, pid);
  assert.equal(record.modules?.[0]?.path, record.process.exe);
  assert.equal(stateOf(pid), 'Z 0');
});

test('debugger PID shows where a thread is that cannot be stopped', async (t) => {
  const { pid } = await start(t, compiled(t), ['vfork']);
  await until('it waits for its child', () => stateOf(pid) === 'D 0');
  const run = await runDebugger(t, [pid, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  const record = run.record();
  const [main, other] = record.threads ?? [];
  assert.deepEqual([main?.activity?.state, main?.activity?.systemCall], ['disk sleep', 'vfork']);
  assert.match(main?.frames?.[0]?.function ?? '', /vfork/);
  assert.equal(other?.name, 'other');
  assert.ok(other?.frames?.some((frame) => frame.function === 'wait_for_ever'));
  assert.match(record.collection.notes.join(), /thread \d+ sleeps in the kernel and cannot be stopped/);
  // The kernel lets go of it when the thread that traced it ends, long before the debugger does.
  assert.equal(stateOf(pid), 'D 0');
});

test('debugger PID stops a process whose threads come and go', async (t) => {
  const { pid } = await start(t, compiled(t), ['churn']);
  for (let round = 0; round < 3; round += 1) {
    const run = await runDebugger(t, [pid, '--json', '--sections', 'threads']);
    assert.equal(run.exitCode, 0, run.stderr);
    const { threads } = run.record();
    const starting = threads?.filter(({ frames }) =>
      frames?.some((frame) => frame.function === 'start_and_join'),
    );
    assert.equal(starting?.length, 6);
    assert.equal(stateOf(pid).split(' ')[1], '0');
  }
});

test('debugger TID shows that thread of a process first', async (t) => {
  const { pid } = await start(t, compiled(t), ['named']);
  const tid = readdirSync(`/proc/${pid}/task`)[2] ?? '';
  const run = await runDebugger(t, [tid]);
  assert.equal(run.exitCode, 0, run.stderr);
  assert.match(run.stdout, new RegExp(`^== Backtrace ==\nThread ${tid} second\n#0 `, 'm'));
  assert.match(run.stdout, new RegExp(`pid ${pid}, tid ${tid}, `));
  assert.match(run.stdout, /^Live +4 threads: 4 sleeping in pause; stopped for [\d.]+ ms$/m);
  assert.match(run.stdout, /^Where +wait_for_ever \(odd\.c:12\) in \/tmp\/.*, thread second$/m);
});

test('debugger PID tells of a process in another pid namespace under both its numbers', async (t) => {
  const program = compiled(t);
  const child = spawn('unshare', ['--pid', '--fork', '--kill-child', program, 'named']);
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
  const pid = Number(children.trim());
  const run = await runDebugger(t, [pid, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  const { process, threads, missing } = run.record();
  assert.deepEqual([process.pid, process.namespacePid, process.namespaceTid], [pid, 1, 1]);
  assert.deepEqual(
    threads?.map(({ tid, name, activity }) => [tid, name, activity?.systemCall]),
    [
      [1, 'odd', 'pause'],
      [2, 'other', 'pause'],
      [3, 'second', 'pause'],
      [4, 'other', 'pause'],
    ],
  );
  assert.ok(threads?.every(({ frames }) => (frames?.length ?? 0) > 1));
  assert.equal(missing['threads'], undefined);
});

test('debugger PID copes with 20,000 mappings', async (t) => {
  const { pid } = await start(t, compiled(t), ['maps']);
  const run = await runDebugger(t, [pid, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  const record = run.record();
  assert.ok((record.omittedMaps ?? 0) > 15_000, `${record.omittedMaps}`);
  assert.ok(record.threads?.[0]?.frames?.some((frame) => frame.function === 'main'));
});

test('debugger PID takes no memory that the process keeps out of cores', async (t) => {
  const { pid } = await start(t, compiled(t), ['secret']);
  const run = await runDebugger(t, [pid]);
  assert.equal(run.exitCode, 0, run.stderr);
  assert.match(run.stdout, /^ +known = 0x[0-9a-f]+ "may be in a core"$/m);
  assert.match(run.stdout, /^ +pointer = 0x[0-9a-f]+ <error: Cannot access memory at address 0x[0-9a-f]+>$/m);
  assert.ok(!run.stdout.includes('never in a core'));
});
