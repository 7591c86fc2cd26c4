import assert from 'node:assert/strict';
import test from 'node:test';
import { corpusSource } from '../corpus/compile-corpus.ts';
import { CrashPlace } from './crash-held.ts';

const WAYS = `
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
struct order { int count; const char *name; };
__attribute__((noinline)) static int check(struct order *order) { assert(order->count < 10); assert(order->name != NULL); return order->count; }
__attribute__((noinline)) static int other(struct order *order) { return check(order) * 2; }
static void drop(char *text) { free(text); }
int main(int argc, char **argv) {
  char filler[atoi(argv[2]) + 1];
  memset(filler, 'x', sizeof filler);
  struct order order = {3, "x"};
  char *volatile text = malloc(100);
  switch (argv[1][0]) {
    case 'c': order.count = 11; break;
    case 'n': order.name = NULL; break;
    case 'd': drop(text); drop(text); break;
    case 's': return *(volatile int *)0;
    case 'o': order.count = 11; return other(&order);
    case 'a': abort();
  }
  return check(&order) + filler[0];
}`;

test('quickKey() keeps crashes apart that fault at one instruction, and joins them across runs', async (t) => {
  const place = await CrashPlace.take(t);
  for (const [name, flags] of [
    ['debug', ['-g', '-O0']],
    ['optimised', ['-O2', '-s']],
    ['static', ['-static', '-O1']],
    ['i386', ['-m32', '-g']],
    ['i386, optimised and static', ['-m32', '-O2', '-static']],
  ] as const) {
    await t.test(name, async () => {
      const program = place.compile(`${name}.c`, WAYS, flags);
      const keys = new Map<string, Set<string>>();
      for (const way of ['c', 'n', 'd', 's', 'o', 'a']) {
        const found = new Set<string>();
        for (const [run, filler] of ['7', '7', '7'].entries()) {
          // Another environment moves the stack as address randomisation does.
          const env = { ...process.env, HELD_CLIENT: 'key-only', MOVES: 'the stack'.repeat(run * 5) };
          const { facts } = await place.crash(program, { args: [way, filler], env });
          assert.match(facts.quickKey, /^[0-9a-f]{16}$/);
          found.add(facts.quickKey);
        }
        keys.set(way, found);
      }
      for (const [way, found] of keys) assert.equal(found.size, 1, `${way} has ${[...found]}`);
      assert.equal(new Set([...keys.values()].flatMap((found) => [...found])).size, keys.size);
    });
  }
});

test('quickKey() keeps crashes apart where the program has only left calls at the end of its functions', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile(
    'ends.c',
    `#include <assert.h>
     #include <stdlib.h>
     __attribute__((noinline)) void check(int count) { assert(count < 1); }
     __attribute__((noinline)) void wrapped(int count) { check(count + 10); }
     __attribute__((noinline)) void twice(void) { char *text = malloc(10); free(text); free(text); }
     __attribute__((noinline)) void inner(void) { char text[64]; free(text + 16); }
     __attribute__((noinline)) int few(int count) { assert(count < 1); return count * 3; }
     __attribute__((noinline)) int fewer(int count) { assert(count < 0); return count * 5; }
     __attribute__((noinline)) int choose(int kind, int count) { return kind == 'a' ? few(count) : fewer(count); }
     int main(int argc, char **argv) {
       switch (argv[1][0]) {
         case 'a': case 'b': return choose(argv[1][0], argc) + 1;
         case 'w': wrapped(argc); break;
         case 't': twice(); break;
         case 'i': inner(); break;
       }
       return 0;
     }`,
    ['-O2', '-fno-builtin'],
  );
  const keys = new Map<string, string>();
  for (const way of ['w', 't', 'i', 'a', 'b', 'w', 't', 'i', 'a', 'b']) {
    const env = { ...process.env, HELD_CLIENT: 'key-only', MOVES: 'x'.repeat(keys.size * 37) };
    const { facts } = await place.crash(program, { args: [way], env });
    assert.equal(keys.get(way) ?? facts.quickKey, facts.quickKey);
    keys.set(way, facts.quickKey);
  }
  assert.equal(new Set(keys.values()).size, 5, JSON.stringify([...keys]));
});

test('quickKey() joins stack overflows that end in different functions of a recursion', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile(
    'mutual.c',
    `#include <string.h>
     static int even(int n, char *text); 
     static int odd(int n, char *text) { char buffer[72]; strcpy(buffer, text); return even(n + 1, buffer) + buffer[1]; }
     static int even(int n, char *text) { char buffer[40]; strcpy(buffer, text); return odd(n + 1, buffer) + buffer[2]; }
     int main(void) { return odd(0, "text"); }`,
  );
  const keys = new Set<string>();
  for (let run = 0; run < 6; run += 1) {
    const env = { ...process.env, HELD_CLIENT: 'key-only', MOVES: 'x'.repeat(run * 37) };
    keys.add((await place.crash(program, { env })).facts.quickKey);
  }
  assert.equal(keys.size, 1);
  const overflow = place.compile('overflow.c', corpusSource('stack-overflow.c'));
  assert.ok(!keys.has((await place.crash(overflow)).facts.quickKey));
});

test('quickKey() joins crashes of a process that has left the mount namespace of its files', async (t) => {
  const place = await CrashPlace.take(t);
  const program = place.compile('namespaces.c', corpusSource('namespaces.c'));
  const keys = new Set<string>();
  // What of the files the child has touched, and so has in its page table, differs with their place in memory.
  for (let run = 0; run < 12; run += 1) {
    const env = { ...process.env, HELD_CLIENT: 'key-only' };
    const { facts } = await place.crash(program, { env, isChild: true });
    keys.add(facts.quickKey);
    for (const { name, isOpen } of facts.modules) assert.equal(isOpen, name !== 'linux-vdso.so.1', name);
  }
  assert.equal(keys.size, 1);
});
