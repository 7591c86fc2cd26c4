import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

/** A directory of one test, removed with it. */
export function testDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'uc-debugger-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** @param name `x.c` or `x.cc`; the program is called `x`. */
export function compile(directory: string, name: string, source: string, flags = ['-g', '-O0']): string {
  const file = join(directory, name);
  const program = file.replace(/\.cc?$/, '');
  writeFileSync(file, source);
  execFileSync(name.endsWith('.cc') ? 'g++' : 'gcc', [...flags, '-w', '-pthread', '-o', program, file]);
  return program;
}

/** A program that runs until its test ends. */
export interface LiveProgram {
  pid: number;
  child: ChildProcess;
  /** Its lines on stdout so far. */
  lines: string[];
  /** Resolves with the first line, also an earlier one, that begins with `text`. */
  said(text: string): Promise<string>;
}

/** Starts a program and waits for its line `ready`. */
export async function start(
  t: TestContext,
  command: string,
  args: readonly string[] = [],
): Promise<LiveProgram> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const said = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines.find((candidate) => candidate.startsWith(text));
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      child.once('exit', () => reject(new Error(`it ended, and never said ${text}`)));
      look();
    });
  const program = { pid: child.pid ?? 0, child, lines, said };
  await said('ready');
  return program;
}

/** State letter and tracer of a process, as /proc tells them. */
export function stateOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return [/^State:\t(\S)/m, /^TracerPid:\t(\d+)/m].map((line) => line.exec(status)?.[1]).join(' ');
}

/** Waits until something holds, at most 10 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
