import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { takeCorePattern } from '../core-pattern.ts';

/** What held-client.ts says of a capture. */
export interface HeldFacts {
  quickKey: string;
  omitted: string[] | null;
  warnings: string[];
  tids: number[];
  signal: { number: number; code: number; address: number | null; sender: { pid: number } | null } | null;
  modules: {
    name: string;
    path: string | null;
    deleted: boolean;
    buildId: string | null;
    isExecutable: boolean;
    base: number;
    isOpen: boolean;
  }[];
  threadNames: [number, string][];
  failures: Record<string, string>;
  cmdline: string;
  exe: string;
  cwd: string;
  parentComm: string;
  kernelStack: string | null;
  targets: string[];
  descriptorCount: number;
  importMs: number;
  headMs: number;
  captureMs: number;
}

/** A crash of which there are both cores. */
export interface HeldCrash {
  pid: number;
  small: string;
  smallBytes: number;
  /** Not there where only the small core was asked for. */
  full: string;
  fullBytes: number;
  facts: HeldFacts;
}

/** A place where programs are compiled and crash, with core_pattern taken until the test ends. */
export class CrashPlace {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * @param budgetBytes Of the small cores.
   * @param cores `small` where the kernel could not write the full core to its end; it is then not saved.
   */
  static async take(
    t: TestContext,
    budgetBytes = 4 * 1024 * 1024,
    cores: 'both' | 'small' = 'both',
  ): Promise<CrashPlace> {
    const directory = mkdtempSync(join(tmpdir(), 'uc-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    // The pattern has room for 127 bytes.
    symlinkSync(process.execPath, join(directory, 'n'));
    symlinkSync(join(import.meta.dirname, 'held-client.ts'), join(directory, 'h'));
    await takeCorePattern(t, `|${directory}/n ${directory}/h %P %I ${directory} ${budgetBytes} ${cores}`);
    // The kernel keeps the process until the client has ended, and so does whoever waits for the process.
    writeFileSync('/proc/sys/kernel/core_pipe_limit', '64');
    return new CrashPlace(directory);
  }

  /** @param name `x.c` or `x.cc`; the program is called `x`. */
  compile(name: string, source: string, flags: readonly string[] = ['-g', '-O0']): string {
    const file = join(this.directory, name);
    const program = file.replace(/\.cc?$/, '');
    writeFileSync(file, source);
    const compiler = name.endsWith('.cc') ? 'g++' : 'gcc';
    execFileSync(compiler, [...flags, '-w', '-pthread', '-o', program, file]);
    return program;
  }

  /** Runs a program to its death. */
  async crash(program: string, args: readonly string[] = [], env = process.env): Promise<HeldCrash> {
    const child = spawn('prlimit', ['--core=unlimited', program, ...args], {
      cwd: this.directory,
      stdio: 'ignore',
      env,
    });
    const pid = child.pid ?? 0;
    await once(child, 'exit');
    const base = join(this.directory, String(pid));
    if (!existsSync(`${base}.json`)) {
      throw new Error(
        `no capture: ${existsSync(`${base}.log`) ? readFileSync(`${base}.log`, 'utf8') : 'no client'}`,
      );
    }
    return {
      pid,
      small: `${base}.small`,
      smallBytes: statSync(`${base}.small`).size,
      full: `${base}.full`,
      fullBytes: statSync(`${base}.full`, { throwIfNoEntry: false })?.size ?? 0,
      facts: JSON.parse(readFileSync(`${base}.json`, 'utf8')),
    };
  }
}

/** What gdb says about a core: every line from the first thread on, or else from the innermost frame on. */
export function gdb(program: string, core: string, command = 'thread apply all bt full'): string {
  const settings = ['set debuginfod enabled off', 'set width 0', 'set print elements 200'];
  const args = [...settings, command].flatMap((line) => ['-ex', line]);
  const output = execFileSync('gdb', ['-nx', '-batch', ...args, program, core], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 256 * 1024 * 1024,
  });
  const first = output.search(/^Thread \d/m);
  // gdb shows the innermost frame already when it opens the core.
  return output.slice(first === -1 ? output.lastIndexOf('\n#0 ') + 1 : first);
}
