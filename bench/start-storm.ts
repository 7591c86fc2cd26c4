import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How many processes crashed, how many of these the kernel dumped, and when the last was gone. */
export interface Storm {
  crashed: number;
  dumped: number;
  /** From the first fork, or the release of all, to the last fork and to the end of the last process. */
  forkedS: number;
  endedS: number;
  /** Unreaped at once, at most. */
  unreaped: number;
}

/**
 * Runs bench/storm.c.
 *
 * @param program Compiled.
 * @param args `rate PER_SECOND SECONDS` or `burst COUNT`.
 */
export async function startStorm(program: string, args: readonly string[], noDump = false): Promise<Storm> {
  const limit = noDump ? '0' : 'unlimited';
  const { stdout } = await promisify(execFile)('prlimit', [`--core=${limit}`, program, ...args]);
  const [crashed = 0, dumped = 0, forkedUs = 0, endedUs = 0, unreaped = 0] = stdout.split(' ').map(Number);
  return { crashed, dumped, forkedS: forkedUs / 1e6, endedS: endedUs / 1e6, unreaped };
}
