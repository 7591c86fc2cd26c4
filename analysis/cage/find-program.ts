import { accessSync, constants, realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PROGRAM_PATH } from '../../config/run-settings.ts';

/**
 * The path of a program without links, as execvp(3) would find it: our own environment does not count.
 *
 * @returns Null where there is none that may be executed.
 */
export function findProgram(name: string): string | null {
  const candidates = isAbsolute(name)
    ? [name]
    : PROGRAM_PATH.split(':').map((directory) => join(directory, name));
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
      return realpathSync(path);
    } catch {
      // The next one.
    }
  }
  return null;
}
