import { closeSync, mkdirSync, openSync } from 'node:fs';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { tryLock } from '../../linux/flock.ts';

/**
 * Does what only one process may do at a time: between two that change the machine, what is to be put back would get lost. Who is killed
 * lets the next one in.
 *
 * @param stateDir Of the machine that is changed; its lock is no file, so nothing of it stays.
 * @throws {UsercrashError} E_ALREADY_RUNNING; what `act` throws.
 */
export async function alone<Result>(stateDir: string, act: () => Promise<Result>): Promise<Result> {
  mkdirSync(stateDir, { recursive: true, mode: 0o755 });
  const directory = openSync(stateDir, 'r');
  try {
    if (tryLock(directory)) return await act();
    throw new UsercrashError('E_ALREADY_RUNNING', 'Another crashlogctl enable or disable is at work', {
      fix: 'the same again when it has ended',
    });
  } finally {
    closeSync(directory);
  }
}
