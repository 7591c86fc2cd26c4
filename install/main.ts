import { setImmediate } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { printable } from '../report/printable-text.ts';
import type { CommandContext } from './command-context.ts';
import { crashlogctl } from './crashlogctl.ts';

/** What bin/ hands in. */
export type CrashlogctlProcess = Omit<CommandContext, 'exitWith'>;

/** Exit codes of every program: style of the project. */
const FAILED = 1;
const USAGE = 2;
const INTERRUPTED = 130;

/**
 * crashlogctl: the front door of usercrash for administrators.
 *
 * @param args What follows the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 usage, 130 interrupted, and what a command says in its help.
 */
export async function main(args: readonly string[], process_: CrashlogctlProcess): Promise<number> {
  const { stdout, stderr } = process_;
  let lost: Error | null = null;
  stdout.on('error', (error) => (lost = error));
  const exitCode = await run(args, process_);
  await setImmediate(); // A write that has failed is told by an event, later.
  // `crashlogctl list | head` is no failure.
  if (lost === null || hasErrno(lost, 'EPIPE')) return exitCode;
  stderr.write(`crashlogctl: the output is not whole: ${messageOf(lost)}\n`);
  return FAILED;
}

async function run(args: readonly string[], process_: CrashlogctlProcess): Promise<number> {
  let exitCode = 0;
  const context = { ...process_, exitWith: (code: number) => (exitCode = code) };
  try {
    await crashlogctl(context).parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (process_.interrupted.aborted) return INTERRUPTED;
    const fix = error instanceof UsercrashError && error.fix !== null ? `. Try: ${error.fix}` : '';
    process_.stderr.write(`crashlogctl: ${printable(messageOf(error) + fix)}\n`);
    return FAILED;
  }
}
