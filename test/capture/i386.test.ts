import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { bytesSource } from '../../capture/core-source.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { corpusSource } from '../corpus/compile-corpus.ts';
import { CORPUS } from '../corpus/corpus.ts';
import { nameOf } from '../corpus/corpus-program.ts';
import { CrashPlace, gdb, type HeldCrash } from './crash-held.ts';

const I386 = ['-m32'];

/** Of the corpus. */
const NAMES = [
  ...['', '-stripped', '-O2', '-static', '-static-pie', '-no-pie'].map((how) => `structures${how}`),
  ...['threads-10', 'assertion-first', 'double-free', 'handler-aborts', 'jump-to-null', 'thread-locals'],
  ...['exception', 'exception-O2', 'big-vector', 'chains'],
];

interface DyingProgram {
  source: string;
  flags?: readonly string[];
  /** `c` by default. */
  extension?: string;
}

/** Dies in a handler on an alternate stack, far below the frames that the signal interrupted. */
const inHandler = (handler: string) => `
#include <signal.h>
#include <stdlib.h>
#include <string.h>
static void on_signal(int number) { abort(); }
static void on_information(int number, siginfo_t *info, void *context) { abort(); }
static int deeper(int depth, const char *text) {
  char local[1500];
  memset(local, 'a' + depth, sizeof local);
  strcpy(local, text);
  if (depth == 8) return *(volatile int *)0;
  return deeper(depth + 1, local) + local[0];
}
int main(void) {
  stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
  struct sigaction action = {${handler}};
  sigaltstack(&stack, 0); sigaction(SIGSEGV, &action, 0);
  return deeper(0, strdup("on every frame"));
}`;

/** What differs on i386 besides the size of everything: two kinds of signal frames, arguments of two words. */
const OWN_PROGRAMS: Readonly<Record<string, DyingProgram>> = {
  'a handler without siginfo': { source: inHandler('.sa_handler = on_signal, .sa_flags = SA_ONSTACK') },
  'a handler with siginfo': {
    source: inHandler('.sa_sigaction = on_information, .sa_flags = SA_ONSTACK | SA_SIGINFO'),
  },
  'wide arguments': {
    source: `static int use(const char *given, long long wide, double real) { return *(volatile int *)0 + given[0]; }
    int main(void) { return use("a text", 1LL << 40, 0.5); }`,
  },
};

function assertI386(crash: HeldCrash): void {
  const head = readCoreHead(bytesSource(readFileSync(crash.small)));
  assert.deepEqual([head.bits, head.machine, head.warnings], [32, 3, []]);
  assert.deepEqual(
    head.threads.map(({ tid }) => tid),
    crash.facts.tids,
  );
  for (const { registers } of head.threads) assert.ok((registers.get('gs_base') ?? 0n) > 0n);
  assert.deepEqual(crash.facts.warnings, []);
}

test('captureCrash() takes a core of an i386 program in which gdb sees the same as in the full one', async (t) => {
  const place = await CrashPlace.take(t);
  const programs: [string, DyingProgram][] = CORPUS.filter((program) => NAMES.includes(nameOf(program))).map(
    (program) => [
      nameOf(program),
      {
        source: corpusSource(program.source),
        flags: program.flags ?? [],
        extension: program.source.replace(/.*\./, ''),
      },
    ],
  );
  assert.equal(programs.length, NAMES.length);
  for (const [name, { source, flags = [], extension = 'c' }] of [
    ...programs,
    ...Object.entries(OWN_PROGRAMS),
  ]) {
    await t.test(name, async () => {
      const program = place.compile(`${name}.${extension}`, source, [...I386, '-g', ...flags]);
      const crash = await place.crash(program);
      const everything = 'thread apply all bt full';
      assert.equal(await gdb(program, crash.small, everything), await gdb(program, crash.full, everything));
      const registers = 'info all-registers';
      assert.equal(await gdb(program, crash.small, registers), await gdb(program, crash.full, registers));
      assertI386(crash);
      const limit = 256 * 1024 + crash.facts.tids.length * 12 * 1024;
      assert.ok(crash.smallBytes < limit, `${crash.smallBytes} bytes`);
    });
  }
});

test('captureCrash() knows modules, threads and the fault of an i386 program', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile(
    'facts.c',
    `#include <pthread.h>
     #include <unistd.h>
     static void *work(void *argument) { pthread_setname_np(pthread_self(), "the other"); for (;;) pause(); }
     int main(void) { pthread_t thread; pthread_create(&thread, 0, work, 0); usleep(200000); return *(volatile int *)0xf1234567; }`,
    [...I386, '-g'],
  );
  const { facts, pid } = await place.crash(program, { args: ['first'] });
  assert.deepEqual([facts.signal?.number, facts.signal?.code, facts.signal?.address], [11, 1, 0xf1234567]);
  const names = facts.modules.map(({ name }) => name);
  assert.deepEqual(names, [program, 'linux-gate.so.1', '/lib32/libc.so.6', '/lib/ld-linux.so.2']);
  for (const { name, buildId, isOpen } of facts.modules) {
    assert.match(buildId ?? '', /^[0-9a-f]{40}$/, name);
    assert.equal(isOpen, name !== 'linux-gate.so.1', name);
  }
  assert.deepEqual(new Map(facts.threadNames).get(pid), 'facts');
  assert.ok(facts.threadNames.some(([, name]) => name === 'the other'));
});

test('captureCrash() keeps both ends of the stack of an i386 program that has overflowed', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile('overflow.c', corpusSource('stack-overflow.c'), [...I386, '-g']);
  const crash = await place.crash(program);
  assert.equal(await gdb(program, crash.small, 'bt 256'), await gdb(program, crash.full, 'bt 256'));
  assert.match(crash.facts.omitted?.join() ?? '', /^stack of the crashed thread: \d{7} bytes in its middle$/);
  assert.ok(readFileSync(crash.small).includes(`PATH=${process.env['PATH']}`));
});

test('captureCrash() shrinks the core of an i386 program to its budget, thread pointers kept', async (t) => {
  const budgetBytes = 192 * 1024;
  const place = await CrashPlace.take(t, budgetBytes);
  const program = place.compile('threads.c', corpusSource('threads.c'), [...I386, '-g', '-DCOUNT=100']);
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes <= budgetBytes, `${crash.smallBytes} bytes`);
  assert.equal(await gdb(program, crash.small, 'bt full'), await gdb(program, crash.full, 'bt full'));
  const { threads } = readCoreHead(bytesSource(readFileSync(crash.small)));
  assert.ok(threads.length > 50, `${threads.length} threads`);
  for (const { registers } of threads) assert.ok(registers.has('gs_base'));
});
