import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CoreSysctls, readCoreSysctls, writeCoreSysctls } from '../../linux/core-pattern.ts';
import { corePatternFor } from '../../protocol/core-pattern.ts';
import { readRecord } from '../../report/read-record.ts';
import type { Record as CrashRecord } from '../../report/record.ts';
import { takeCorePattern } from '../core-pattern.ts';
import { historyLines } from '../server/client-side.ts';
import {
  type Ending,
  startTestServer,
  type TestDirectories,
  type TestServer,
  testDirectories,
} from '../server/test-server.ts';

const root = join(import.meta.dirname, '../..');
const SERVER = join(root, 'dist/usercrash-server');
const CLIENT = join(root, 'dist/usercrash-client');

/** A published crash. */
export interface Published {
  path: string;
  text: string;
  record: CrashRecord;
}

/** The built collector on the machine's real core_pattern, with directories of its own. */
export interface Collecting {
  server: TestServer;
  directories: TestDirectories;
  /** What core_pattern held before. */
  before: CoreSysctls;
  /** Waits for the report of the crash of this process. */
  published(pid: number): Promise<Published>;
  /** Starts another server on the same directories; the old one must have ended. */
  restart(args?: string[]): Promise<TestServer>;
}

/** @param args Further arguments of the server, which collects by pipe unless they say otherwise. */
export async function startCollecting(
  t: Ending,
  args: string[] = [],
  directories: TestDirectories = testDirectories(t),
): Promise<Collecting> {
  if (!existsSync(SERVER)) throw new Error('dist/ is not built: npm run build');
  await takeCorePattern(t);
  const saved = readCoreSysctls();
  const start = (more: string[]) =>
    startTestServer(t, directories, {
      program: SERVER,
      args: ['--own-core-pattern', '--mode', 'pipe', ...more],
    });
  const collecting: Collecting = {
    server: await start(args),
    directories,
    before: saved,
    async published(pid) {
      const line = await collecting.server.logged(`-${pid}-`).then(() => logOf(collecting.server, pid));
      const path = /path=(\S+)/.exec(line)?.[1] ?? '';
      return readPublished(path);
    },
    async restart(more = args) {
      collecting.server = await start(more);
      return collecting.server;
    },
  };
  await collecting.server.logged(' collecting ');
  return collecting;
}

/** The line that tells where the report of a process is; anything else about that process fails. */
async function logOf(server: TestServer, pid: number): Promise<string> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const line = server.log.find((text) => text.includes('report-published') && text.includes(`-${pid}-`));
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no report of ${pid}:\n${server.log.join('\n')}`);
}

export function readPublished(path: string): Published {
  return { path, text: readFileSync(path, 'utf8'), record: readRecord(readFileSync(`${path}.json`)) };
}

/** How a program ended. */
export interface Ended {
  pid: number;
  signal: NodeJS.Signals | null;
  code: number | null;
}

/** Runs a program until it ends. */
export function run(
  program: string,
  args: readonly string[] = [],
  options: { cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(program, args, { stdio: 'ignore', ...options });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ pid: child.pid ?? 0, signal, code }));
  });
}

/**
 * Puts a handler before the client that first saves the whole core, so that the report and the full core are of the
 * same crash: the kernel holds the process until the handler has ended, so its memory is still there for the client.
 *
 * @returns The directory in which `core.PID` appears.
 */
export function saveFullCores(collecting: Collecting): string {
  const directory = join(collecting.directories.stateDir, 'c');
  mkdirSync(directory, { recursive: true });
  const handler = join(directory, 'h');
  writeFileSync(
    handler,
    `#!${process.execPath}
const fs = require('node:fs');
const core = ${JSON.stringify(directory)} + '/core.' + process.argv[3];
const out = fs.openSync(core, 'w');
const buffer = Buffer.alloc(1 << 20);
for (let length; (length = fs.readSync(0, buffer)) > 0; ) fs.writeSync(out, buffer, 0, length);
require('node:child_process').spawnSync(${JSON.stringify(CLIENT)}, [...process.argv.slice(2, -1), ''], {
  stdio: [fs.openSync(core, 'r'), 'ignore', 'ignore'],
});
`,
  );
  chmodSync(handler, 0o755);
  const { corePipeLimit } = readCoreSysctls();
  writeCoreSysctls({ corePattern: corePatternFor(handler, collecting.directories.runDir), corePipeLimit });
  return directory;
}

/** Waits until something has come true; fails after 30 s. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What the history says of the crash of a process. */
export function linesOf({ directories }: Collecting, pid: number): Record<string, unknown>[] {
  const isThere = existsSync(join(directories.logDir, 'history'));
  return isThere ? historyLines(directories).filter((line) => line['pid'] === pid) : [];
}

/** What waits in `.pending`. */
export function pendingNames(collecting: Collecting): string[] {
  return readdirSync(join(collecting.directories.logDir, '.pending')).filter((name) => !name.startsWith('.'));
}
