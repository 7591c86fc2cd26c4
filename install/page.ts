import { spawn } from 'node:child_process';
import { hasErrno } from '../linux/system-call-error.ts';
import type { CommandContext, Output } from './command-context.ts';

/** Keeps colours as they are. Where it is not installed nothing is said about it. */
const DEFAULT_PAGER = 'command -v less >/dev/null || exit 127; exec less -R';

/**
 * Shows a long text: a terminal gets it through the pager that `PAGER` names (a shell command, as everywhere; empty or `cat` for
 * none), else through less, and where that is not installed as it is. Anything but a terminal gets it as it is.
 */
export async function page(
  text: string,
  { stdout, env }: Pick<CommandContext, 'stdout' | 'env'>,
): Promise<void> {
  const pager = env['PAGER'] ?? DEFAULT_PAGER;
  const isPaged = stdout.isTTY === true && pager.trim() !== '' && pager !== 'cat' && env['TERM'] !== 'dumb';
  if (!isPaged || !(await runPager(pager, text, env))) await writeAll(stdout, text);
}

/** @returns Whether there is such a pager: a shell says 127 of what it does not find. */
function runPager(pager: string, text: string, env: CommandContext['env']): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // From the pager nobody gets a shell that sudo did not give: less(1), LESSSECURE.
    const child = spawn('/bin/sh', ['-c', pager], {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { LESSSECURE: '1', ...env },
    });
    child.once('error', () => resolve(false));
    // Whoever has seen enough closes the pipe.
    child.stdin.once('error', (error) => {
      if (!hasErrno(error, 'EPIPE', 'ECONNRESET')) reject(error);
    });
    child.once('exit', (code) => resolve(code !== 127));
    child.stdin.end(text);
  });
}

/** `show | head` is no failure: main.ts hears of that. */
function writeAll(stdout: Output, text: string): Promise<void> {
  return new Promise((resolve) => stdout.write(text, () => resolve()));
}
