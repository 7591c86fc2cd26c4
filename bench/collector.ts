import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readRunSettings } from '../config/run-settings.ts';
import { readCoreSysctls } from '../linux/core-pattern.ts';

/** A crash that takes longer to be published tells of a mistake, not of speed. */
const PUBLISHED_MS = 60_000;
const root = join(import.meta.dirname, '..');

/** The built server on directories of its own; `--own-core-pattern` unless the caller sets the pattern itself. */
export interface BenchCollector {
  process: ChildProcess;
  logDir: string;
  runDir: string;
  /** The core_pattern that it set. */
  pattern: string;
  /** The one that starts a client for every crash, whatever it set. */
  pipePattern: string;
  stop(): Promise<void>;
}

/**
 * Starts the built collector, as quickstart does, but alone: a default handler holds a process for as long as it likes.
 *
 * @param logDisk An empty directory for its log directory.
 */
export async function startCollector(
  flags: readonly string[] = [],
  logDisk: string | null = null,
): Promise<BenchCollector> {
  const directory = mkdtempSync(join(tmpdir(), 'uc-bench-'));
  const logDir = join(logDisk ?? directory, 'log');
  const runDir = join(directory, 'run');
  const server = spawn(
    join(root, 'dist/usercrash-server'),
    ['--own-core-pattern', '--no-default-handler', ...flags],
    {
      env: {
        ...{ PATH: process.env['PATH'], USERCRASH_LOG_DIR: logDir, USERCRASH_RUN_DIR: runDir },
        USERCRASH_CONFIG: join(directory, 'none.toml'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: server.stderr }).on('line', (line) => {
      if (/ collecting corePattern=/.test(line)) resolve();
    });
    void ended.then(() => reject(new Error('the server ended')));
  });
  const pattern = readCoreSysctls().corePattern;
  return {
    process: server,
    logDir,
    runDir,
    pattern,
    pipePattern: readRunSettings(runDir).pipePattern ?? pattern,
    async stop() {
      server.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Builds bench/crasher.c into `directory`. @returns The program's path. */
export function buildCrasher(directory: string): string {
  const program = join(directory, 'crasher');
  if (!existsSync(program)) {
    execFileSync('gcc', ['-g', '-O1', '-pthread', '-o', program, join(import.meta.dirname, 'crasher.c')]);
  }
  return program;
}

/** One crash of bench/crasher.c. */
export interface Crash {
  /** From the crash until waitpid(2) returned. */
  heldMs: number;
  /** Microseconds since the epoch. */
  atUs: number;
  pid: number;
}

/** Crashes children one after the other; see crasher.c. */
export async function crash(
  program: string,
  options: { megabytes: number; threads: number; runs: number; noDump?: boolean },
): Promise<Crash[]> {
  const { megabytes, threads, runs, noDump = false } = options;
  const limit = noDump ? '0' : 'unlimited';
  const child = spawn('prlimit', [`--core=${limit}`, program, `${megabytes}`, `${threads}`, `${runs}`], {
    cwd: join(program, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const crashes: Crash[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [heldUs = 0, atUs = 0, pid = 0] = line.split(' ').map(Number);
    crashes.push({ heldMs: heldUs / 1000, atUs, pid });
  }
  return crashes;
}

/** Waits until the history has all these crashes. */
export async function published(logDir: string, crashes: readonly Crash[]): Promise<void> {
  const history = join(logDir, 'history');
  const isThere = ({ pid }: Crash) =>
    existsSync(history) &&
    readFileSync(history, 'utf8')
      .split('\n')
      .some((line) => line.includes(`"pid":${pid},`) && line.includes('"collected":"full"'));
  const deadline = performance.now() + PUBLISHED_MS;
  while (!crashes.every(isThere)) {
    if (performance.now() > deadline) throw new Error(`no history line within ${PUBLISHED_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Resolves when the next report's text gets its name. */
export function nextReport(logDir: string): Promise<{ path: string; atMs: number }> {
  return new Promise((resolve) => {
    const watcher = watch(logDir, (_event, name) => {
      if (name === null || !/^usercrash_\d\d$/.test(name)) return;
      watcher.close();
      resolve({ path: join(logDir, name), atMs: performance.timeOrigin + performance.now() });
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
