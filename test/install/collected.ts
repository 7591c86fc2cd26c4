import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Collecting, startCollecting } from '../machine/collecting.ts';
import { type Ending, type TestDirectories, testDirectories } from '../server/test-server.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/crashlogctl');

/** How crashlogctl is run: with further variables, as somebody else. */
export interface How {
  env?: Record<string, string>;
  uid?: number;
}

/** What a real collector left. */
export interface Collected {
  directories: TestDirectories;
  /** Runs the built crashlogctl on it. */
  crashlogctl(args: readonly string[], how?: How): SpawnSyncReturns<string>;
  /** Removes it. */
  remove(): void;
}

/**
 * Collects the crashes of some programs, with a real collector that has ended by the time the tests look: many commands on one log
 * directory, and core_pattern is given back at once.
 */
export async function collected(crash: (collecting: Collecting) => Promise<unknown>): Promise<Collected> {
  const ends: (() => unknown)[] = [];
  const ending: Ending = { after: (end) => void ends.push(end as () => unknown) };
  const removals: (() => unknown)[] = [];
  const directories = testDirectories({ after: (end) => void removals.push(end as () => unknown) });
  try {
    const collecting = await startCollecting(ending, [], directories);
    await crash(collecting);
    await collecting.server.stop();
  } finally {
    for (const end of ends) await end();
  }
  return {
    directories,
    crashlogctl: (args, how = {}) => crashlogctl(directories, args, how),
    remove: () => rmSync(join(directories.logDir, '..'), { recursive: true, force: true }),
  };
}

/** Runs the built crashlogctl on directories of a test. */
export function crashlogctl(
  { logDir, runDir, stateDir }: TestDirectories,
  args: readonly string[],
  { env = {}, uid }: How = {},
): SpawnSyncReturns<string> {
  return spawnSync(PROGRAM, args, {
    encoding: 'utf8',
    ...(uid === undefined ? {} : { uid, gid: uid }),
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, ...environmentOf({ logDir, runDir, stateDir }), ...env },
  });
}

/** @returns Variables by which every program works on these directories. */
export function environmentOf({ logDir, runDir, stateDir }: TestDirectories): Record<string, string> {
  return {
    USERCRASH_LOG_DIR: logDir,
    USERCRASH_RUN_DIR: runDir,
    USERCRASH_STATE_DIR: stateDir,
    USERCRASH_CONFIG: join(stateDir, 'usercrash.toml'),
    NO_COLOR: '1',
    TZ: 'UTC',
  };
}

/** Runs crashlogctl in a terminal of so many columns (script(1)), without a pager. @returns What is on it, with its control characters. */
export function onTerminal(
  directories: TestDirectories,
  args: readonly string[],
  { columns = 100, env = {} }: { columns?: number; env?: Record<string, string> } = {},
): string {
  const command = `stty cols ${columns} rows 40; ${[PROGRAM, ...args].map((word) => `'${word}'`).join(' ')}`;
  const { NO_COLOR: _, ...own } = environmentOf(directories);
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, ...own, PAGER: 'cat', TERM: 'xterm-256color', ...env },
  });
  return stdout.replaceAll('\r\n', '\n');
}
