import { openSync } from 'node:fs';
import { join } from 'node:path';

/** cage.s as the build writes it: beside the programs in dist/. */
const PATH = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '../../dist/usercrash-cage')
  : join(import.meta.dirname, 'usercrash-cage');

let opened: number | null = null;

/**
 * The program that makes cages, open for the rest of this process: a process that gives up root must have opened it before, for it
 * may lie where only root can go.
 *
 * @returns Its descriptor, which stays ours.
 * @throws Node's error where it is not there.
 */
export function openCageProgram(): number {
  opened ??= openSync(PATH, 'r');
  return opened;
}
