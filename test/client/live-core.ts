import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** elf(5): where e_phnum is, sizeof(Elf64_Ehdr), sizeof(Elf64_Phdr). */
const COUNT_AT = 56;
const EHDR = 64;
const PHDR = 56;

/** A process that waits, and its core as the kernel would write it. */
export interface LiveCore {
  pid: number;
  program: string;
  child: ChildProcess;
  /** Header, program headers, notes, then the memory. */
  stream: Buffer;
  /** What stands before the memory. */
  headBytes: number;
}

/** Has some frames, a second thread, and tells when it waits. */
export const WAITING = `#include <pthread.h>
#include <unistd.h>
static void *work(void *argument) { for (;;) pause(); return argument; }
static int wait_here(const char *text, int depth) {
  if (depth > 0) return wait_here(text, depth - 1) + 1;
  write(1, text, 1);
  for (;;) pause();
}
int main(void) { pthread_t thread; pthread_create(&thread, 0, work, 0); return wait_here("ready", 3); }
`;

/**
 * Takes the core of a living process: so its memory and its /proc are there for a client that is told of its crash, as
 * those of a process are that the kernel holds.
 */
export async function liveCore(t: TestContext, source = WAITING): Promise<LiveCore> {
  const { pid, program, child } = await liveProcess(t, source);
  const core = `${program}.core`;
  execFileSync('gdb', ['-nx', '-batch', '-p', String(pid), '-ex', `gcore ${core}`], { stdio: 'ignore' });
  return { pid, program, child, ...inOrder(readFileSync(core)) };
}

/**
 * Starts a program, until the test ends.
 *
 * @param source Of C; it writes something to its stdout when it is as far as it shall come.
 */
export async function liveProcess(
  t: TestContext,
  source: string,
): Promise<Pick<LiveCore, 'pid' | 'program' | 'child'>> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-live-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const program = join(directory, 'waiting');
  writeFileSync(`${program}.c`, source);
  execFileSync('gcc', ['-g', '-O0', '-w', '-pthread', '-o', program, `${program}.c`]);
  const child = spawn(program, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { LANG: 'C', SECRET: 'of the process' },
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, program, child };
}

/** gdb writes the notes behind the memory, the kernel before. */
function inOrder(core: Buffer): { stream: Buffer; headBytes: number } {
  const count = core.readUInt16LE(COUNT_AT);
  const headers = Buffer.from(core.subarray(0, EHDR + count * PHDR));
  const noteAt = Number(headers.readBigUInt64LE(EHDR + 8));
  const noteBytes = Number(headers.readBigUInt64LE(EHDR + 32));
  const notes = core.subarray(noteAt, noteAt + noteBytes);
  headers.writeBigUInt64LE(BigInt(headers.length), EHDR + 8);
  for (let index = 1; index < count; index += 1) {
    const at = EHDR + index * PHDR + 8;
    headers.writeBigUInt64LE(headers.readBigUInt64LE(at) + BigInt(noteBytes), at);
  }
  const memory = core.subarray(headers.length, noteAt);
  return { stream: Buffer.concat([headers, notes, memory]), headBytes: headers.length + noteBytes };
}
