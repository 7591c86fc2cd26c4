import { createInterface } from 'node:readline/promises';
import { UsercrashError } from '../errors/usercrash-error.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Asks before something is destroyed.
 *
 * @param question `Delete 3 reports?`
 * @returns Whether the answer was yes.
 * @throws {UsercrashError} E_NOT_CONFIRMED where there is no terminal to ask on.
 */
export async function confirm(
  question: string,
  { stdin, stderr, interrupted }: CommandContext,
): Promise<boolean> {
  if (!('isTTY' in stdin && stdin.isTTY === true)) {
    throw new UsercrashError('E_NOT_CONFIRMED', 'There is no terminal to ask on, and nothing was removed', {
      fix: 'the same with --yes',
    });
  }
  // Lines are the terminal's own business: so Ctrl-C interrupts, as everywhere.
  const terminal = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      terminal.once('close', () => resolve(''));
      terminal.question(`${question} [y/N] `, { signal: interrupted }).then(resolve, reject);
    });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
