import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Starts itself anew as many times as its argument says, without one: then it crashes. Each is gone before the next begins. */
const LOOP = `#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static int fail(volatile int *place) { return *place; }
int main(int argc, char **argv) {
  if (argc == 1) return fail(NULL);
  for (long count = atol(argv[1]); count > 0; count--) {
    pid_t child = vfork();
    if (child == 0) {
      execl("/proc/self/exe", argv[0], (char *)NULL);
      _exit(1);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) return 1;
  }
  return 0;
}
`;

/** Dies in a function that no other program has. */
const SINGLE = `static int single_NUMBER(volatile int *place) { return *place + NUMBER; }
int main(void) { return single_NUMBER(0); }
`;

/** Compiles the program that crashes in a loop. @returns Its path. */
export function compileLoop(directory: string): string {
  return compileText(directory, 'loop', LOOP);
}

/** Compiles programs of which each crashes in its own way. @returns Their paths. */
export function compileSingles(directory: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) =>
    compileText(directory, `single-${number}`, SINGLE.replaceAll('NUMBER', String(number))),
  );
}

function compileText(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  const source = join(directory, `${name}.c`);
  writeFileSync(source, text);
  const program = join(directory, name);
  execFileSync('gcc', ['-g', '-O0', '-o', program, source]);
  return program;
}

/** Runs loops at once. @returns When all have ended. @throws Where one could not crash its children. */
export async function crashLoops(program: string, processes: number, crashes: number): Promise<void> {
  const each = Math.ceil(crashes / processes);
  const counts = Array.from({ length: processes }, (_, at) => Math.min(each, crashes - at * each));
  const run = (count: number) =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(program, [String(count)], { stdio: 'ignore' });
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a loop ended with ${code}`))));
    });
  await Promise.all(counts.filter((count) => count > 0).map(run));
}
