import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { takeCorePattern } from '../core-pattern.ts';
import { compile, start, testDirectory } from './live-program.ts';

/** Crashes in a thread with something to show, holding as many MiB as it is told; or waits, where it is told to. */
const SOURCE = `
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct order { int number; const char *customer; };
static int total_of(struct order *orders, int count) {
  int total = 0;
  for (int i = 0; i < count; i++) total += orders[i].number;
  return total;
}
static void *work(void *argument) {
  struct order *orders = argument;
  return (void *)(long)total_of(orders, 3);
}
static void *wait_for_ever(void *unused) { for (;;) pause(); }
int main(int count, char **words) {
  size_t bytes = (size_t)atoi(words[1]) << 20;
  char *memory = malloc(bytes + 1);
  for (size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
  pthread_t thread;
  pthread_create(&thread, 0, wait_for_ever, 0);
  usleep(50000);
  if (words[2] != 0) { puts("ready"); fflush(stdout); wait_for_ever(0); }
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, 0);
}`;

/** A core, and the program that it is of. */
export interface MadeCore {
  program: string;
  core: string;
}

/** Made once a size in a test file, because all tests wait for the machine's core_pattern. */
const kernelCores = new Map<number, Promise<MadeCore>>();
const made = mkdtempSync(join(tmpdir(), 'uc-cores-'));
after(() => rmSync(made, { recursive: true, force: true }));

/**
 * A core that the kernel has written; nobody may change it.
 *
 * @param megabytes That the program has touched.
 */
export function kernelCore(t: TestContext, megabytes: number): Promise<MadeCore> {
  const known = kernelCores.get(megabytes) ?? makeKernelCore(t, megabytes);
  kernelCores.set(megabytes, known);
  return known;
}

async function makeKernelCore(t: TestContext, megabytes: number): Promise<MadeCore> {
  const directory = join(made, String(megabytes));
  mkdirSync(directory);
  const program = compile(directory, 'orders.c', SOURCE);
  const core = join(directory, 'kernel.core');
  await takeCorePattern(t, core);
  const child = spawn('prlimit', ['--core=unlimited', program, String(megabytes)], {
    cwd: directory,
    env: { PATH: '/usr/bin:/bin', MARK: 'from the environment' },
  });
  await once(child, 'exit');
  return { program, core };
}

/** A core that gcore has made of a process that goes on. */
export async function gdbCore(t: TestContext, megabytes: number): Promise<MadeCore> {
  const directory = testDirectory(t);
  const program = compile(directory, 'orders.c', SOURCE);
  const { pid } = await start(t, program, [String(megabytes), 'wait']);
  execFileSync('gcore', ['-o', join(directory, 'gdb'), String(pid)], { stdio: 'ignore' });
  const core = join(directory, 'gdb.core');
  renameSync(join(directory, `gdb.${pid}`), core);
  return { program, core };
}
