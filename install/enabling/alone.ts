import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { tryLock } from '../../linux/flock.ts';
import type { Machine } from './machine.ts';

/**
 * Does what only one process may do at a time: between two that change the machine, what is to be put back would get lost. Who is killed
 * lets the next one in.
 *
 * @param stateDir Of that machine; its lock is no file, so nothing of it stays.
 * @throws {UsercrashError} E_ALREADY_RUNNING, E_NOT_OURS; what `act` throws.
 */
export async function alone<Result>(
  machine: Machine,
  stateDir: string,
  act: () => Promise<Result>,
): Promise<Result> {
  machine.assertInside(join(stateDir, 'any'));
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
