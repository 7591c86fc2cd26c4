import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { PROGRAM_PATH } from '../config/run-settings.ts';
import { asRoot } from '../linux/as-root.ts';
import { newPipe } from '../linux/pipe.ts';
import { posixSpawn } from '../linux/posix-spawn.ts';
import { waitForEnd } from '../linux/waitpid.ts';

const STDERR = 2;

/**
 * Starts a program of ours, which has our stderr, and is nobody to wait for when we end. Its end is told by a pipe that it has and
 * does not know: the kernel closes it. One that has closed it and goes on is in somebody else's hands, and is killed.
 *
 * @param words Its path first.
 * @param descriptors What it has from 3 on.
 * @returns Resolves when it has ended.
 * @throws {SystemCallError} Where it cannot be started.
 */
export function startToItsEnd(words: readonly Buffer[], descriptors: readonly number[]): Promise<void> {
  const { read, write } = newPipe();
  let pid: number;
  try {
    pid = posixSpawn(words, {
      ...{ input: null, errors: STDERR, others: [...descriptors, write] },
      environment: [Buffer.from(`PATH=${PROGRAM_PATH}`)],
    });
  } catch (error) {
    closeSync(read);
    throw error;
  } finally {
    closeSync(write);
  }
  const life = new Socket({ fd: read, writable: false }).unref();
  return new Promise((resolve) => {
    life.once('error', () => undefined); // It is closed as well.
    life.once('close', () => {
      asRoot(() => process.kill(pid, 'SIGKILL')); // Else it could have us wait for as long as it likes.
      waitForEnd(pid);
      resolve();
    });
    life.resume();
  });
}
