import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { CrashPlace, gdb } from './crash-held.ts';
import { PROGRAMS } from './programs.ts';

test('captureCrash() keeps both ends of a stack that has overflowed, and says what is missing', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile('overflow.c', PROGRAMS['overflow']?.source ?? '');
  const crash = await place.crash(program);
  const command = 'bt 300';
  assert.equal(gdb(program, crash.small, command), gdb(program, crash.full, command));
  assert.match(crash.facts.omitted?.join() ?? '', /^stack of the crashed thread: \d{7} bytes in its middle$/);
  // The environment's strings lie at the very end of the stack.
  assert.ok(readFileSync(crash.small).includes(`PATH=${process.env['PATH']}`));
  assert.ok(crash.smallBytes < 256 * 1024, `${crash.smallBytes} bytes`);
});

test('captureCrash() takes little of a process of 1 GiB, and nothing that it asked not to dump', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile(
    'big.c',
    `#include <stdlib.h>
     #include <string.h>
     #include <sys/mman.h>
     int main(void) {
       size_t size = 1 << 30;
       char *heap = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       for (size_t at = 0; at < size; at += 65536) heap[at] = 1;
       char *secret = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       strcpy(secret, "se"); strcat(secret, "cret of the process");
       madvise(secret, 65536, MADV_DONTDUMP);
       return secret[*(volatile int *)0] + heap[0];
     }`,
  );
  const crash = await place.crash(program, [], { ...process.env, GIGABYTE: '1' });
  assert.ok(crash.smallBytes < 256 * 1024, `${crash.smallBytes} bytes`);
  assert.ok(!readFileSync(crash.small).includes('secret of the process'));
  assert.match(gdb(program, crash.small), /secret = 0x[0-9a-f]+ <error: Cannot access memory/);
});

test('captureCrash() shrinks to its budget, the crashed thread last', async (t) => {
  const budgetBytes = 192 * 1024;
  const place = await CrashPlace.take(t, budgetBytes);
  const { source, flags } = PROGRAMS['threads100'] ?? { source: '' };
  const program = place.compile('threads.c', source, flags);
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes <= budgetBytes, `${crash.smallBytes} bytes`);
  assert.equal(gdb(program, crash.small, 'bt full'), gdb(program, crash.full, 'bt full'));
  assert.match(crash.facts.omitted?.join('\n') ?? '', /of \d+ threads: their notes do not fit/);
});

test('captureCrash() stays within its budget with 1,000 threads, and gives each its frames', async (t) => {
  const place = await CrashPlace.take(t);
  const { source } = PROGRAMS['threads10'] ?? { source: '' };
  const program = place.compile('thousand.c', source, ['-g', '-DCOUNT=1000']);
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes <= 4 * 1024 * 1024, `${crash.smallBytes} bytes`);
  assert.equal(crash.facts.tids.length, 1001);
  const frames = gdb(program, crash.small, 'thread apply all bt').match(/^#\d+ .* in clone3? \(/gm);
  assert.equal(frames?.length, 1000);
});
