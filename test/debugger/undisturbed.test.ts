import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../random.ts';
import { compile, type LiveProgram, start, stateOf, testDirectory, until } from './live-program.ts';
import { runDebugger, startDebugger } from './run-debugger.ts';
import { WAITING_CALLS } from './waiting-calls.ts';

/** Where what gdb sees of files may lie. */
const TEMPORARY = ['/tmp', '/var/tmp', '/dev/shm'];

/** What gdbs below a process see of files, by the names of their directories: they are mounted there. */
function sysrootsOf(pid: number): string[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
    const own = readFileSync(`/proc/${pid}/mountinfo`, 'latin1').matchAll(/ \/\S*(usercrash-sysroot-\w+)/g);
    return [
      ...[...own].map((match) => match[1] ?? ''),
      ...children.flatMap((child) => sysrootsOf(Number(child))),
    ];
  } catch {
    return []; // It has ended meanwhile.
  }
}

const HOLDER = join(import.meta.dirname, 'holder.ts');

/** Asks the program whether its busy thread has run since the last time; ends it where it is told to. */
async function spins(program: LiveProgram): Promise<string> {
  const before = program.lines.filter((line) => line.startsWith('spins')).length;
  program.child.stdin?.write('s\n');
  const answers = () => program.lines.filter((line) => line.startsWith('spins'));
  await until('an answer', () => answers().length > before);
  return answers().at(-1) ?? '';
}

async function waitingProgram(t: test.TestContext, flags: string[] = []): Promise<LiveProgram> {
  const program = await start(t, compile(testDirectory(t), 'waits.c', WAITING_CALLS, flags));
  program.child.stdin?.on('error', () => undefined); // It may have ended before it is told to.
  t.after(async () => {
    program.child.stdin?.end('end\n');
    if (program.child.exitCode === null && program.child.signalCode === null)
      await once(program.child, 'exit');
  });
  return program;
}

for (const flag of ['-m64', '-m32']) {
  test(`debugger PID lets no waiting system call see anything, but the two that wait with a limit: ${flag}`, (t) =>
    checkWaiting(t, flag));
}

async function checkWaiting(t: test.TestContext, flag: string): Promise<void> {
  const program = await waitingProgram(t, [flag]);
  for (let round = 0; round < 3; round += 1) {
    const run = await runDebugger(t, [program.pid, '--sections', 'collection']);
    assert.equal(run.exitCode, 0, run.stderr);
  }
  await sleep(100);
  assert.equal(await spins(program), 'spins 1');
  assert.equal(stateOf(program.pid), 'S 0');
  const seen = program.lines.filter((line) => !/^(ready|spins)/.test(line)).sort();
  // signal(7): what the kernel ends whenever a process is stopped. gdb and strace make all of epoll_wait, sigwaitinfo and
  // semop return.
  const limited = ['epoll_limit', 'sigwait_limit'].flatMap((name) =>
    Array(3).fill(`${name} -1 Interrupted system call`),
  );
  assert.deepEqual(seen, limited);
}

/** bench/paused.c: it measures how long it is stopped, by a thread that looks at the clock without end. */
const PAUSED = readFileSync(join(import.meta.dirname, '../../bench/paused.c'), 'utf8');

test('debugger PID stops a process of ten threads for less than 150 ms, and says for how long', async (t) => {
  const { pid, child, lines } = await start(t, compile(testDirectory(t), 'paused.c', PAUSED, ['-O2']), [
    '10',
  ]);
  const longestMs = async () => {
    const before = lines.length;
    child.stdin?.write('\n');
    await until('an answer', () => lines.length > before);
    return Number(lines.at(-1)?.split(' ')[0]) / 1000;
  };
  const seen: number[] = [];
  // The best of some: other tests run beside this one.
  for (let round = 0; round < 5; round += 1) {
    await longestMs();
    const run = await runDebugger(t, [pid, '--json', '--sections', 'collection']);
    seen.push(await longestMs());
    const { stoppedMs } = run.record().collection;
    assert.ok((stoppedMs ?? 0) > 1 && (stoppedMs ?? 0) < 3000, `${stoppedMs} ms`);
  }
  assert.ok(Math.min(...seen) < 150, `${seen.join(', ')} ms`);
});

/** Starts something that holds `pid` again and again, waits until it does so, and some more; then kills it. */
async function holdAndKill(t: test.TestContext, pid: number, afterMs: number): Promise<boolean> {
  const holder = spawn(process.execPath, ['--no-warnings', HOLDER, String(pid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  await sleep(afterMs);
  const isHeld = stateOf(pid).startsWith('t');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await until('its release', () => stateOf(pid).endsWith(' 0') && !stateOf(pid).startsWith('t'));
  return isHeld;
}

const ROUNDS = 25;

test('a process goes on when what holds it is killed, at any moment', async (t) => {
  const program = await waitingProgram(t);
  const seed = 7;
  const random = randomFrom(seed);
  let held = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    held += (await holdAndKill(t, program.pid, random(60))) ? 1 : 0;
    assert.equal(await spins(program), 'spins 1', `round ${round} of seed ${seed}`);
  }
  assert.ok(held > 2, `only ${held} of ${ROUNDS} were killed while they held`);
  // Of those that the kernel ends with EINTR, also where nobody is left to start them again; and of no other.
  for (const line of new Set(program.lines.filter((line) => !/^(ready|spins)/.test(line)))) {
    assert.match(
      line,
      /^(epoll|epoll_mask|epoll_limit|sigwait|sigwait_limit|semop) -1 Interrupted system call$/,
    );
  }
});

test('a process that was stopped stays stopped, whether it is let go or its holder killed', async (t) => {
  const program = await waitingProgram(t);
  process.kill(program.pid, 'SIGSTOP');
  await until('it stops', () => stateOf(program.pid) === 'T 0');
  const run = await runDebugger(t, [program.pid, '--json', '--sections', 'threads,collection']);
  assert.equal(run.exitCode, 0, run.stderr);
  const [first] = run.record().threads ?? [];
  assert.deepEqual([first?.activity?.state, first?.activity?.signal], ['stopped', 'SIGSTOP']);
  await until('it is stopped again', () => stateOf(program.pid) === 'T 0');
  for (let round = 0; round < 5; round += 1) {
    await holdAndKill(t, program.pid, round * 10);
    await until('it is stopped again', () => stateOf(program.pid) === 'T 0');
  }
  process.kill(program.pid, 'SIGCONT');
  assert.equal(await spins(program), 'spins 1');
});

const COUNTS_SIGNALS = `
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
static volatile int count;
static void handler(int signal) { __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED); }
static void *wait_for_ever(void *unused) { for (;;) pause(); }
int main(void) {
  char line[64];
  pthread_t thread;
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGRTMIN, &action, 0);
  for (int number = 0; number < 3; number++) pthread_create(&thread, 0, wait_for_ever, 0);
  puts("ready"); fflush(stdout);
  while (fgets(line, sizeof line, stdin) != 0) { printf("count %d\\n", count); fflush(stdout); }
}`;
/** SIGRTMIN as glibc counts: such signals are queued, so that each one that is lost shows. */
const SIGRTMIN = 34;

test('no signal is lost, whether a process is let go or its holder killed while it takes one', async (t) => {
  const program = await start(t, compile(testDirectory(t), 'counts.c', COUNTS_SIGNALS));
  let sent = 0;
  const timer = setInterval(() => {
    for (let number = 0; number < 20; number += 1) sent += process.kill(program.pid, SIGRTMIN) ? 1 : 0;
  }, 1);
  t.after(() => clearInterval(timer));
  const random = randomFrom(11);
  for (let round = 0; round < ROUNDS; round += 1) await holdAndKill(t, program.pid, random(60));
  clearInterval(timer);
  assert.ok(sent > 1000, `${sent} signals`);
  await sleep(200);
  program.child.stdin?.write('?\n');
  assert.equal(await program.said('count'), `count ${sent}`);
});

test('an interrupted debugger ends with 130, lets the process go and leaves nothing behind', async (t) => {
  const program = await waitingProgram(t);
  for (const what of ['it holds', 'gdb runs']) {
    const { child, ended } = startDebugger(t, [String(program.pid)]);
    let made: string[] = [];
    const isThen = () => {
      made = sysrootsOf(child.pid ?? 0);
      return what === 'it holds' ? !stateOf(program.pid).endsWith(' 0') : made.length > 0;
    };
    await until(what, isThen);
    child.kill('SIGINT');
    const run = await ended;
    assert.deepEqual([run.exitCode, run.stdout, run.stderr], [130, '', ''], what);
    const left = TEMPORARY.flatMap((place) => made.map((name) => join(place, name))).filter(existsSync);
    assert.deepEqual(left, [], what);
    await until('its release', () => stateOf(program.pid) === 'S 0');
    assert.equal(await spins(program), 'spins 1');
  }
});
