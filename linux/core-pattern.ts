import { readFileSync, writeFileSync } from 'node:fs';
import { UsercrashError } from '../errors/usercrash-error.ts';

const CORE_PATTERN = '/proc/sys/kernel/core_pattern';
const CORE_PIPE_LIMIT = '/proc/sys/kernel/core_pipe_limit';

/** Which program or file the kernel gives crashes to, and how many pipe handlers it waits for: core(5). */
export interface CoreSysctls {
  corePattern: string;
  /** 0: the kernel does not wait for a handler, and /proc/PID may vanish under it. */
  corePipeLimit: number;
}

/** The values in force. */
export function readCoreSysctls(): CoreSysctls {
  return {
    corePattern: readFileSync(CORE_PATTERN, 'utf8').replace(/\n$/, ''),
    corePipeLimit: Number(readFileSync(CORE_PIPE_LIMIT, 'utf8')),
  };
}

/**
 * Sets both and reads them back: the kernel cuts a long pattern without a word.
 *
 * A limit that grows is written before the pattern and one that shrinks after it, so that there is no moment in which a
 * handler runs without the limit that goes with it.
 *
 * @throws {UsercrashError} E_CORE_PATTERN where the kernel did not take what was written, or refused it; Node's error where it may
 *   not be written at all (EROFS and EACCES in containers).
 */
export function writeCoreSysctls(values: CoreSysctls): void {
  const isGrowing = values.corePipeLimit >= readCoreSysctls().corePipeLimit;
  if (isGrowing) writeFileSync(CORE_PIPE_LIMIT, `${values.corePipeLimit}`);
  writePattern(values.corePattern);
  if (!isGrowing) writeFileSync(CORE_PIPE_LIMIT, `${values.corePipeLimit}`);
  const now = readCoreSysctls();
  if (now.corePattern !== values.corePattern || now.corePipeLimit !== values.corePipeLimit) {
    throw new UsercrashError(
      'E_CORE_PATTERN',
      `The kernel has ${JSON.stringify(now)} after ${JSON.stringify(values)} was written`,
    );
  }
}

function writePattern(pattern: string): void {
  try {
    // The end of the line makes it a write also where the pattern is empty.
    writeFileSync(CORE_PATTERN, `${pattern}\n`);
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
