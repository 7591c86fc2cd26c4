import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { DEFAULT_BUDGET_BYTES } from '../../capture/small-core.ts';
import { corpusSource } from '../corpus/compile-corpus.ts';
import { CrashPlace, gdb } from './crash-held.ts';

test('captureCrash() keeps both ends of a stack that has overflowed, and says what is missing', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile('overflow.c', corpusSource('stack-overflow.c'));
  const crash = await place.crash(program);
  const command = 'bt 256';
  assert.equal(await gdb(program, crash.small, command), await gdb(program, crash.full, command));
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
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes < 256 * 1024, `${crash.smallBytes} bytes`);
  assert.ok(!readFileSync(crash.small).includes('secret of the process'));
  assert.match(
    await gdb(program, crash.small, 'bt full'),
    /secret = 0x[0-9a-f]+ <error: Cannot access memory/,
  );
});

test('captureCrash() shrinks to its budget, the crashed thread last', async (t) => {
  const budgetBytes = 192 * 1024;
  const place = await CrashPlace.take(t, budgetBytes);
  const program = place.compile('threads.c', corpusSource('threads.c'), ['-g', '-DCOUNT=100']);
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes <= budgetBytes, `${crash.smallBytes} bytes`);
  assert.equal(await gdb(program, crash.small, 'bt full'), await gdb(program, crash.full, 'bt full'));
  assert.match(crash.facts.omitted?.join('\n') ?? '', /of \d+ threads: their notes do not fit/);
});

test('captureCrash() gives each of 1,000 threads its frames in half of the budget that they would need', async (t) => {
  const budgetBytes = 4 * 1024 * 1024;
  const place = await CrashPlace.take(t, budgetBytes);
  const program = place.compile('thousand.c', corpusSource('threads.c'), ['-g', '-DCOUNT=1000']);
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes <= budgetBytes, `${crash.smallBytes} bytes`);
  assert.equal(crash.facts.tids.length, 1001);
  const frames = (await gdb(program, crash.small, 'thread apply all bt')).match(/^#\d+ .* in clone3? \(/gm);
  assert.equal(frames?.length, 1000);
});

test('captureCrash() shares its budget among 1,000 threads with deep stacks, to each the same, and says what is missing', async (t) => {
  const place = await CrashPlace.take(t, undefined, 'small');
  const program = place.compile('deep.c', corpusSource('threads-deep.c'), ['-g', '-DCOUNT=1000']);
  const crash = await place.crash(program);
  assert.ok(crash.smallBytes <= DEFAULT_BUDGET_BYTES, `${crash.smallBytes} bytes`);
  const threads = (await gdb(program, crash.small, 'thread apply all bt')).split(/^Thread /m);
  const frames = threads.flatMap((thread) => thread.match(/^#\d+ .* in descend \(/gm)?.length ?? []);
  assert.equal(frames.length, 1000);
  assert.ok(Math.min(...frames) >= 5, `a thread has ${Math.min(...frames)} of its frames only`);
  assert.match(crash.facts.omitted?.join('\n') ?? '', /^stack of other threads: \d+ bytes did not fit$/m);
  assert.match(
    crash.facts.omitted?.join('\n') ?? '',
    /^stacks of 1000 other threads: \d+ bytes in their middle$/m,
  );
});
