import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { CrashEvent } from '../../protocol/codec.ts';
import { SERVER_SOCKET } from '../../protocol/conversation.ts';
import { ServerConnection } from '../../protocol/server-connection.ts';
import { WITHOUT_LIMITS } from '../without-limits.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/usercrash-server.ts');

/** For one line of the log; the slowest comes after 12 s. */
const LOGGED_LIMIT_MS = 60_000;

/** Directories of one test; on a real file system, not on tmpfs, where the machine has both. */
export interface TestDirectories {
  logDir: string;
  runDir: string;
  stateDir: string;
}

/** Whatever ends with what is made for it: a test. */
export type Ending = Pick<TestContext, 'after'>;

export function testDirectories(t: Ending): TestDirectories {
  const root = mkdtempSync('/var/tmp/uc-');
  // Where a test fails, somebody may still write there: the server is ended after this.
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  const directories = { logDir: join(root, 'log'), runDir: join(root, 'run'), stateDir: join(root, 'state') };
  mkdirSync(directories.logDir);
  return directories;
}

/** A server in a process of its own, because the client's calls block. */
export interface TestServer extends TestDirectories {
  process: ChildProcess;
  socket: string;
  /** Everything that it logged so far. */
  log: string[];
  /** Resolves with the first line, also an earlier one, that holds `text`; fails when the server ends without, or after a minute. */
  logged(text: string): Promise<string>;
  /** Ends it. @returns Its exit code, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
  connect(): ServerConnection;
}

/** @param options `args`: win over {@link WITHOUT_LIMITS}. `under`: a command that starts the server's. */
export async function startTestServer(
  t: Ending,
  directories: TestDirectories,
  options: { args?: string[]; env?: Record<string, string>; program?: string; under?: string[] } = {},
): Promise<TestServer> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    USERCRASH_LOG_DIR: directories.logDir,
    USERCRASH_RUN_DIR: directories.runDir,
    USERCRASH_STATE_DIR: directories.stateDir,
    USERCRASH_CONFIG: join(directories.stateDir, 'usercrash.toml'),
    ...options.env,
  };
  const own = options.program === undefined ? [process.execPath, PROGRAM] : [options.program];
  const command = [...(options.under ?? []), ...own];
  const [program = '', ...first] = command;
  const child = spawn(program, [...first, ...WITHOUT_LIMITS, ...(options.args ?? [])], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  const waiting = new Set<() => void>();
  let end: number | string | null = null;
  const ended = new Promise<number | string>((resolve) => {
    // Not `close`: a child of its own may hold its stderr for longer.
    child.once('exit', (code, signal) => {
      end = code ?? signal ?? 'unknown';
      for (const check of waiting) check();
      resolve(end);
    });
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line);
    for (const check of waiting) check();
  });
  t.after(async () => {
    if (end === null) child.kill('SIGKILL');
    await ended;
  });
  const server: TestServer = {
    ...directories,
    process: child,
    socket: join(directories.runDir, SERVER_SOCKET),
    log,
    logged: (text) =>
      new Promise((resolve, reject) => {
        let isLate = false;
        const check = () => {
          const line = log.find((candidate) => candidate.includes(text));
          if (line === undefined && end === null && !isLate) return;
          waiting.delete(check);
          clearTimeout(limit);
          const how = end === null ? 'runs' : `ended (${end})`;
          if (line !== undefined) resolve(line);
          else reject(new Error(`the server ${how} without ${text}:\n${log.join('\n')}`));
        };
        const limit = setTimeout(() => {
          isLate = true;
          check();
        }, LOGGED_LIMIT_MS);
        waiting.add(check);
        check();
      }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
    connect: () => ServerConnection.open(join(directories.runDir, SERVER_SOCKET), 5_000),
  };
  await server.logged(' listening ');
  return server;
}

let made = 0;

/** A crash that nobody died of. */
export function testEvent(fields: Partial<CrashEvent> = {}): CrashEvent {
  made += 1;
  const atUs = 1_763_678_157_000_000 + made;
  return {
    crashId: `${'0123456789abcdef'.repeat(2)}-${4000 + made}-${1000 + made}-${atUs}`,
    atUs,
    pid: 4000 + made,
    tid: 4000 + made,
    uid: 1000,
    gid: 1000,
    signal: 11,
    signalCode: 1,
    comm: Buffer.from('app'),
    executable: Buffer.from('/usr/bin/app'),
    quickKey: '0123456789abcdef',
    dumpable: 1,
    mode: 'pipe',
    unit: Buffer.from('app.service'),
    repeatOf: '',
    excludedBy: '',
    ...fields,
  };
}
