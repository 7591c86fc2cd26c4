import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { framesOfAttachedGdb, framesOfRecord, type PlainFrame } from '../machine/gdb-frames.ts';
import { compile, type LiveProgram, start, testDirectory } from './live-program.ts';
import { runDebugger } from './run-debugger.ts';

/** Threads that wait in different places, with names, arguments and locals worth showing. */
const C = `
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
struct job { int number; const char *customer; struct job *next; };
static sem_t empty;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
__attribute__((noinline)) static int wait_for(struct job *job, int depth) {
  if (depth > 0) return wait_for(job, depth - 1) + depth;
  return sem_wait(&empty);
}
static void *work(void *argument) {
  struct job second = {2, "second", 0}, first = {1, argument, &second};
  pthread_setname_np(pthread_self(), argument);
  wait_for(&first, 1);
  return 0;
}
static void *locked(void *argument) { pthread_mutex_lock(&lock); return 0; }
int main(int count, char **words) {
  pthread_t thread;
  sem_init(&empty, 0, 0);
  pthread_mutex_lock(&lock);
  for (int number = 0; number < 3; number++) pthread_create(&thread, 0, work, strdup(number ? "worker" : "first"));
  pthread_create(&thread, 0, locked, 0);
  usleep(100000);
  puts("ready");
  fflush(stdout);
  poll(0, 0, -1);
}`;

const CXX = `
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>
struct Queue {
  std::mutex mutex; std::condition_variable filled; std::map<std::string, std::vector<int>> orders{{"ACME", {1, 2, 3}}};
  void take(const std::string &customer) { std::unique_lock<std::mutex> held(mutex); filled.wait(held, [&] { return orders.count(customer) == 0; }); }
};
int main() {
  Queue queue;
  std::thread reader([&] { pthread_setname_np(pthread_self(), "reader"); queue.take("ACME"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::cout << "ready" << std::endl;
  reader.join();
}`;

/** All threads as gdb sees them, and as we do. */
async function compareFrames(t: test.TestContext, { pid }: LiveProgram) {
  const run = await runDebugger(t, [pid, '--json']);
  assert.equal(run.exitCode, 0, run.stderr);
  const record = run.record();
  const ours = framesOfRecord(record);
  const gdbs = framesOfAttachedGdb(pid);
  assert.ok(gdbs.size > 0, 'gdb shows threads');
  assert.deepEqual([...ours.keys()].sort(), [...gdbs.keys()].sort());
  for (const [tid, frames] of gdbs) {
    assert.deepEqual((ours.get(tid) ?? []).map(comparable), frames.map(comparable), `thread ${tid}`);
  }
  return record;
}

/**
 * Of the libraries' frames without arguments: gdb's machine interface leaves out those that the compiler has made
 * constants (docs/decisions/004).
 */
function comparable(frame: PlainFrame): PlainFrame {
  return frame.line?.startsWith('/tmp/') === true ? frame : { ...frame, arguments: '' };
}

for (const flag of ['-m64', '-m32']) {
  test(`debugger PID shows the frames, arguments and lines that an attached gdb shows: C ${flag}`, (t) =>
    checkC(t, flag));
}

async function checkC(t: test.TestContext, flag: string): Promise<void> {
  const program = await start(t, compile(testDirectory(t), 'jobs.c', C, ['-g', flag]));
  const record = await compareFrames(t, program);
  assert.deepEqual(
    record.threads?.map(({ name }) => name),
    ['jobs', 'first', 'worker', 'worker', 'jobs'],
  );
  assert.deepEqual(
    record.threads?.map(({ activity }) => [activity?.state, activity?.systemCall]),
    [['sleeping', 'poll'], ...Array(4).fill(['sleeping', 'futex'])],
  );
  const waiting = record.threads?.find(({ name }) => name === 'first')?.frames;
  const work = waiting?.find((frame) => frame.function === 'work');
  assert.match(
    work?.locals?.find(({ name }) => name === 'first')?.value ?? '',
    /^\{number = 1, customer = 0x[0-9a-f]+ "first", next = 0x[0-9a-f]+\}$/,
  );
}

test('debugger PID shows what an attached gdb shows: C++', async (t) => {
  const program = await start(t, compile(testDirectory(t), 'queue.cc', CXX));
  const record = await compareFrames(t, program);
  const take = record.threads?.[1]?.frames?.find((frame) => frame.function === 'Queue::take');
  assert.deepEqual(
    take?.arguments?.map(({ name, value }) => [name, name === 'customer' ? value : '']),
    [
      ['this', ''],
      ['customer', '"ACME"'],
    ],
  );
});

test('debugger PID shows what an attached gdb shows: python3', {
  skip: !existsSync('/usr/bin/python3'),
}, async (t) => {
  const source =
    'import threading; e = threading.Event(); threading.Thread(target=e.wait, daemon=True).start(); print("ready", flush=True); e.wait()';
  await compareFrames(t, await start(t, '/usr/bin/python3', ['-c', source]));
});

test('debugger PID shows what an attached gdb shows: node', async (t) => {
  await compareFrames(
    t,
    await start(t, process.execPath, ['-e', 'console.log("ready"); setInterval(() => {}, 1e9)']),
  );
});
