import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsercrashError } from '../errors/usercrash-error.ts';

/** Where the kernel has them; a test may have files of its own. */
const DIRECTORY = '/proc/sys/kernel';

/** Which program or file the kernel gives crashes to, and how many pipe handlers it waits for: core(5). */
export interface CoreSysctls {
  corePattern: string;
  /** 0: the kernel does not wait for a handler, and /proc/PID may vanish under it. */
  corePipeLimit: number;
}

/** The values in force. */
export function readCoreSysctls(directory: string = DIRECTORY): CoreSysctls {
  return {
    corePattern: readFileSync(join(directory, 'core_pattern'), 'utf8').replace(/\n$/, ''),
    corePipeLimit: Number(readFileSync(join(directory, 'core_pipe_limit'), 'utf8')),
  };
}

/**
 * Sets both and reads them back: the kernel cuts a long pattern without a word.
 *
 * A limit that grows is written before the pattern and one that shrinks after it, so that there is no moment in which a
 * handler runs without the limit that goes with it. A pattern that is in force already is not written: for a socket the kernel would
 * refuse that to whoever is in a mount namespace of its own.
 *
 * @throws {UsercrashError} E_CORE_PATTERN where the kernel did not take what was written, or refused it; Node's error where it may
 *   not be written at all (EROFS and EACCES in containers).
 */
export function writeCoreSysctls(values: CoreSysctls, directory: string = DIRECTORY): void {
  const before = readCoreSysctls(directory);
  const isGrowing = values.corePipeLimit >= before.corePipeLimit;
  const writeLimit = () => writeFileSync(join(directory, 'core_pipe_limit'), `${values.corePipeLimit}`);
  if (isGrowing) writeLimit();
  if (values.corePattern !== before.corePattern) writePattern(values.corePattern, directory);
  if (!isGrowing) writeLimit();
  const now = readCoreSysctls(directory);
  if (now.corePattern !== values.corePattern || now.corePipeLimit !== values.corePipeLimit) {
    throw new UsercrashError(
      'E_CORE_PATTERN',
      `The kernel has ${JSON.stringify(now)} after ${JSON.stringify(values)} was written`,
    );
  }
}

function writePattern(pattern: string, directory: string): void {
  try {
    // The end of the line makes it a write also where the pattern is empty.
    writeFileSync(join(directory, 'core_pattern'), `${pattern}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EINVAL')) throw error;
    // fs/coredump.c, check_coredump_socket(): for a socket, also where the writer is in a mount namespace of its own.
    throw new UsercrashError(
      'E_CORE_PATTERN',
      `The kernel does not take ${pattern}: core_pattern belongs to the machine, and may not be set from a container`,
      { cause: error, fix: 'Run the server on the machine itself.' },
    );
  }
}

/** Whether something read from a file is both values. */
export function isCoreSysctls(value: unknown): value is CoreSysctls {
  return (
    typeof value === 'object' &&
    value !== null &&
    'corePattern' in value &&
    typeof value.corePattern === 'string' &&
    'corePipeLimit' in value &&
    typeof value.corePipeLimit === 'number'
  );
}
