import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestDirectories } from '../server/test-server.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/crashlogctl');

/** What a command said. */
export interface Said {
  stdout: string;
  stderr: string;
  status: number | null;
}

/**
 * Runs the built crashlogctl with directories of a test.
 *
 * @param options `before`: shell commands that change the machine for it alone, in a mount namespace of its own.
 */
export function askCrashlogctl(
  args: readonly string[],
  { logDir, runDir, stateDir }: TestDirectories,
  { before, env = {} }: { before?: string; env?: NodeJS.ProcessEnv } = {},
): Said {
  const all = {
    ...process.env,
    USERCRASH_LOG_DIR: logDir,
    USERCRASH_RUN_DIR: runDir,
    USERCRASH_STATE_DIR: stateDir,
    USERCRASH_CONFIG: join(stateDir, 'usercrash.toml'),
    ...env,
  };
  const script = `set -e; ${before}; exec "$0" "$@"`;
  const { stdout, stderr, status } =
    before === undefined
      ? spawnSync(PROGRAM, args, { env: all, encoding: 'utf8' })
      : spawnSync('unshare', ['--mount', 'sh', '-c', script, PROGRAM, ...args], {
          env: all,
          encoding: 'utf8',
        });
  return { stdout, stderr, status };
}
