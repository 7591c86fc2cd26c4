import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ended } from './collecting.ts';

/** nobody, who is on every machine. */
export const USER = 65_534;

/** What the program holds in its arguments, its environment, on its stack, its heap and in its data. */
export const SECRETS = ['of-arguments-4711', 'of-environment-4711', 'made-up-4711'] as const;

const SUID_DUMPABLE = '/proc/sys/fs/suid_dumpable';

/** Crashes with secrets all over it; `drop` gives up what it has got from setuid, `undumpable` asks for no dump. */
const SOURCE = `#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
static char data[32];
static int fail_with(const char *secret, int *nothing) {
  char local[32];
  strcpy(local, secret);
  return *nothing + local[0];
}
int main(int argc, char **argv) {
  (void)argc;
  char *heap = calloc(1, 32);
  const char *shifted = "nbef.vq.5822";
  for (int at = 0; shifted[at]; at++) heap[at] = shifted[at] == '.' ? '-' : shifted[at] - 1;
  strcpy(data, heap);
  if (strcmp(argv[1], "drop") == 0 && setresuid(getuid(), getuid(), getuid()) != 0) return 2;
  if (strcmp(argv[1], "undumpable") == 0) prctl(PR_SET_DUMPABLE, 0);
  return fail_with(heap, (int *)0);
}
`;

/** The program in a directory that everybody may enter. @param mode Of its file, which is root's. */
export function secretiveProgram(t: TestContext, mode: number): string {
  const directory = mkdtempSync('/var/tmp/uc-secretive-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const program = join(directory, 'secretive');
  writeFileSync(`${program}.c`, SOURCE);
  execFileSync('gcc', ['-g', '-O0', '-o', program, `${program}.c`]);
  chmodSync(program, mode);
  return program;
}

/**
 * Runs it as {@link USER}, with fs.suid_dumpable = 2 meanwhile: without that the kernel dumps no such process.
 *
 * @param more Of setpriv(1).
 */
export async function runSecretive(
  program: string,
  how: string,
  more: readonly string[] = [],
): Promise<Ended> {
  const before = readFileSync(SUID_DUMPABLE, 'latin1');
  const ids = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups'];
  writeFileSync(SUID_DUMPABLE, '2');
  // setpriv itself still has root's capabilities when it executes something: to it every program is readable.
  try {
    const child = spawn(
      'setpriv',
      [...ids, ...more, 'sh', '-c', 'exec "$0" "$@"', program, how, SECRETS[0]],
      {
        stdio: 'ignore',
        env: { PATH: '/usr/bin:/bin', SECRET: SECRETS[1] },
      },
    );
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ pid: child.pid ?? 0, signal, code }));
    });
  } finally {
    writeFileSync(SUID_DUMPABLE, before);
  }
}
