import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Programs that crash, small enough to be read in a report. */
export const SOURCES = {
  nested: {
    file: 'nested.c',
    text: `#include <stdio.h>
struct point { int x; double y; const char *label; };
static int read_through(const struct point *point, int depth) { return point->x + depth; }
static int descend(const struct point *points, const char *name, int depth) {
  char buffer[32];
  snprintf(buffer, sizeof buffer, "%s-%d", name, depth);
  if (depth == 3) return read_through(points->label ? 0 : points, depth);
  return descend(points, name, depth + 1) + buffer[0];
}
int main(int argc, char **argv) {
  struct point points[2] = {{1, 2.5, "first"}, {argc, 0.25, argv[0]}};
  return descend(points, "level", 0);
}
`,
  },
  exception: {
    file: 'exception.cc',
    text: `#include <map>
#include <stdexcept>
#include <string>
#include <vector>
struct Order { std::string customer; std::vector<int> items; std::map<std::string, double> prices; };
static double total(const Order &order) {
  if (order.items.size() > 2) throw std::runtime_error("too many items for " + order.customer);
  return order.prices.at("x");
}
int main() {
  Order order{"ACME", {1, 2, 3}, {{"bolt", 0.5}, {"nut", 0.25}}};
  return static_cast<int>(total(order));
}
`,
  },
  assertion: {
    file: 'assertion.c',
    text: `#include <assert.h>
static int check(int answer) { assert(answer == 42 && "the answer must be 42"); return answer; }
int main(int argc, char **argv) { (void)argv; return check(argc); }
`,
  },
  threads: {
    file: 'threads.c',
    text: `#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static pthread_barrier_t ready;
static void sleep_here(int number) { pthread_barrier_wait(&ready); for (;;) pause(); (void)number; }
static void *idle(void *argument) { sleep_here(*(int *)argument); return NULL; }
static void *fail(void *argument) { pthread_barrier_wait(&ready); abort(); return argument; }
int main(void) {
  pthread_t threads[5];
  int numbers[5];
  pthread_barrier_init(&ready, NULL, 6);
  for (int i = 0; i < 5; i++) {
    char name[16];
    snprintf(name, sizeof name, i == 3 ? "the unlucky" : "worker-%d", i);
    numbers[i] = i;
    pthread_create(&threads[i], NULL, i == 3 ? fail : idle, &numbers[i]);
    pthread_setname_np(threads[i], name);
  }
  pthread_barrier_wait(&ready);
  pthread_join(threads[3], NULL);
  return 0;
}
`,
  },
  null: { file: 'null.c', text: 'int main(void) { return *(volatile int *)0; }\n' },
} as const;

/**
 * Compiles one of {@link SOURCES}.
 *
 * @param program Path of the program; its directory is made.
 * @param flags Of the compiler.
 */
export function compile(
  name: keyof typeof SOURCES,
  program: string,
  flags: readonly string[] = ['-g', '-O0'],
): string {
  const { file, text } = SOURCES[name];
  mkdirSync(dirname(program), { recursive: true });
  // The source lies beside the program under a plain name: compilers do not take every path.
  const source = join(dirname(program), file);
  writeFileSync(source, text);
  const compiler = file.endsWith('.cc') ? 'g++' : 'gcc';
  execFileSync(compiler, [...flags, '-pthread', '-o', program, source]);
  return program;
}
