import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { DEFAULT_BUDGET_BYTES } from '../../capture/small-core.ts';
import { takeCorePattern } from '../core-pattern.ts';

/** What held-client.ts says of a capture. */
export interface HeldFacts {
  quickKey: string;
  omitted: string[] | null;
  gaps: { tid: number; start: number; end: number; returns: [number, number][]; isCounted: boolean }[];
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
  captureMs: number;
  /** The fastest of some more captures of the same process; of them the quick key alone. */
  warmMs: number;
  keyMs: number;
  keyParts: string[];
}

/** A crash of which there are both cores. */
export interface HeldCrash {
  pid: number;
  small: string;
  smallBytes: number;
  /** Not there where only the small core was asked for, and where the program ran with HELD_CLIENT=key-only. */
  full: string;
  facts: HeldFacts;
}

/** How a program is to run. */
export interface RunOptions {
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** It is a child that crashes, whose pid the program prints. */
  isChild?: boolean;
  /** For how long it may run and be held, in ms: what does not crash is no crash. */
  limitMs?: number;
}

const RUN_MS = 60_000;

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
    budgetBytes = DEFAULT_BUDGET_BYTES,
    cores: 'both' | 'small' = 'both',
  ): Promise<CrashPlace> {
    const entryPoints = [join(import.meta.dirname, 'held-client.ts')];
    const { place, corePattern } = await CrashPlace.prepare(t, { entryPoints }, `${budgetBytes} ${cores}`);
    await takeCorePattern(t, corePattern);
    // The kernel keeps the process until the client has ended, and so does whoever waits for the process.
    writeFileSync('/proc/sys/kernel/core_pipe_limit', '64');
    return place;
  }

  /** The same for a core_pattern that the caller sets, and another client: it is started with `PID TID DIRECTORY` and `args`. */
  static async prepare(
    t: { after(act: () => void): void },
    client: Pick<BuildOptions, 'entryPoints' | 'plugins'>,
    args: string,
  ): Promise<{ place: CrashPlace; corePattern: string }> {
    const directory = mkdtempSync(join(tmpdir(), 'uc-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    // The pattern has room for 127 bytes.
    symlinkSync(process.execPath, join(directory, 'n'));
    // One file: it starts in half the time, a hundred times.
    const outfile = join(directory, 'h.mjs');
    const options = { bundle: true, platform: 'node', format: 'esm', target: 'node24' } as const;
    await build({ ...options, ...client, outfile });
    return {
      place: new CrashPlace(directory),
      corePattern: `|${directory}/n ${outfile} %P %I ${directory} ${args}`.trimEnd(),
    };
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

  /** Removes what a crash has left here. */
  remove({ pid, small, full }: HeldCrash): void {
    for (const file of [
      small,
      full,
      join(this.directory, `${pid}.json`),
      join(this.directory, `${pid}.log`),
    ]) {
      rmSync(file, { force: true });
    }
  }

  /** Runs a program to its death. */
  async crash(
    program: string,
    { args = [], env, cwd, isChild = false, limitMs = RUN_MS }: RunOptions = {},
  ): Promise<HeldCrash> {
    const child = spawn('prlimit', ['--core=unlimited', program, ...args], {
      cwd: cwd ?? this.directory,
      stdio: ['ignore', isChild ? 'pipe' : 'ignore', 'ignore'],
      env: env ?? process.env,
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    let printed = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      printed += bytes;
    });
    const [code, signal] = await once(child, 'close');
    const pid = isChild ? Number(printed) : (child.pid ?? 0);
    const base = join(this.directory, String(pid));
    if (!existsSync(`${base}.json`)) {
      const log = existsSync(`${base}.log`)
        ? readFileSync(`${base}.log`, 'utf8')
        : 'the kernel started no client';
      throw new Error(`${program} ended with ${signal ?? code}, and there is no capture: ${log}`);
    }
    return {
      pid,
      small: `${base}.small`,
      smallBytes: statSync(`${base}.small`).size,
      full: `${base}.full`,
      facts: JSON.parse(readFileSync(`${base}.json`, 'utf8')),
    };
  }
}

/** What gdb is told before anything else: the same for every core. */
const SETTINGS = [
  // gdb 13 ends on some values of Rust's enums; so it only ends the command.
  'maintenance set internal-error quit no',
  'maintenance set internal-error corefile no',
  'set debuginfod enabled off',
  'set width 0',
  'set print elements 200',
  'set print frame-arguments all',
  'set max-value-size 65536',
];

/** What gdb says about a core: every line from the first thread on, or else from the innermost frame on. */
export async function gdb(program: string, core: string, ...commands: string[]): Promise<string> {
  const args = [...SETTINGS, ...commands].flatMap((line) => ['-ex', line]);
  const { stdout } = await promisify(execFile)('gdb', ['-nx', '-batch', ...args, program, core], {
    maxBuffer: 256 * 1024 * 1024,
  });
  const first = stdout.search(/^Thread \d/m);
  // gdb shows the innermost frame already when it opens the core.
  return stdout.slice(first === -1 ? stdout.lastIndexOf('\n#0 ') + 1 : first);
}
