import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../random.ts';
import { compile, start, stateOf, testDirectory } from './live-program.ts';
import { startDebugger } from './run-debugger.ts';

/** Large enough that looking at it takes a while. */
const SOURCE = `
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
static void *wait_for_ever(void *unused) { for (;;) pause(); }
int main(void) {
  pthread_t thread;
  for (int number = 0; number < 100; number++) pthread_create(&thread, 0, wait_for_ever, 0);
  for (int number = 0; number < 4000; number++) {
    char *page = mmap(0, 4096, number % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (number % 2 == 0) *page = 1;
  }
  write(1, "ready\\n", 6);
  wait_for_ever(0);
}`;
const ROUNDS = 5;
/** The debugger starts, prepares, holds and lets gdb read in 400 ms; more on a busy machine. */
const LATEST_MS = 800;

/** Whether a debugger holds the process. */
function isHeld(pid: number): boolean {
  return !stateOf(pid).endsWith(' 0');
}

/** When a process is killed, each in the milliseconds that `random` gives, or by what can be seen of it. */
const MOMENTS = {
  'at any moment': (_: number, random: (limit: number) => number) => sleep(random(LATEST_MS)),
  'while it is held': (pid: number) => seen(() => isHeld(pid)),
  'when it was let go': async (pid: number) => {
    await seen(() => isHeld(pid));
    await seen(() => !isHeld(pid));
  },
};

async function seen(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds() && performance.now() < deadline) await sleep(0);
}

for (const [moment, come] of Object.entries(MOMENTS)) {
  test(`debugger PID of a process that is killed ${moment} gives its report or one line`, async (t) => {
    const program = compile(testDirectory(t), 'vanishing.c', SOURCE);
    const seed = 5;
    const random = randomFrom(seed);
    let reports = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { pid, child } = await start(t, program);
      const looking = startDebugger(t, [String(pid), '--json']);
      await come(pid, random);
      child.kill('SIGKILL');
      const run = await looking.ended;
      const what = `round ${round} of seed ${seed}: ${run.stderr}`;
      if (run.exitCode === 0) {
        assert.equal(run.record().process.pid, pid, what);
        reports += 1;
      } else {
        assert.deepEqual([run.exitCode, run.stdout], [1, ''], what);
        assert.match(run.stderr, /^debugger: Process \d+ [^\n]+\n$/, what);
      }
    }
    t.diagnostic(`${reports} reports, ${ROUNDS - reports} refusals`);
    if (moment === 'when it was let go') assert.equal(reports, ROUNDS);
  });
}
