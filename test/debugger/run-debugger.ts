import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { readRecord } from '../../report/read-record.ts';
import type { Record as CrashRecord } from '../../report/record.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/debugger.ts');

/** What a run of the debugger came to. */
export interface DebuggerRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** Of stdout as JSON; throws where it is none. */
  record: () => CrashRecord;
}

/** As it is installed. */
export const BUILT_DEBUGGER = join(import.meta.dirname, '../../dist/debugger');

/** A debugger that runs, from its sources. */
export function startDebugger(t: TestContext, args: readonly string[], env: Record<string, string> = {}) {
  return started(t, [process.execPath, '--no-warnings', PROGRAM, ...args], env);
}

/** The debugger as it is installed, for what its memory or its time is. */
export function startBuiltDebugger(t: TestContext, args: readonly string[]) {
  if (!existsSync(BUILT_DEBUGGER)) throw new Error('dist/ is not built: npm run build');
  return started(t, [BUILT_DEBUGGER, ...args], {});
}

function started(t: TestContext, [program = '', ...args]: readonly string[], env: Record<string, string>) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [exitCode]]): DebuggerRun => ({
      exitCode,
      stdout,
      stderr,
      record: () => readRecord(Buffer.from(stdout)),
    }),
  );
  return { child, ended };
}

/** Runs the debugger from its sources, to its end. */
export function runDebugger(
  t: TestContext,
  args: readonly (string | number)[],
  env: Record<string, string> = {},
): Promise<DebuggerRun> {
  return startDebugger(t, args.map(String), env).ended;
}
