import { closeSync, openSync, writeSync } from 'node:fs';
import { setPipeSize } from '../../linux/fcntl.ts';
import { hasReaders } from '../../linux/has-readers.ts';
import { openPath } from '../../linux/open-path.ts';
import { newPipe } from '../../linux/pipe.ts';
import { posixSpawn } from '../../linux/posix-spawn.ts';
import { setrlimit } from '../../linux/setrlimit.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { waitForEnd } from '../../linux/waitpid.ts';
import type { CoreStream } from './core-stream.ts';

/** As much as a user without rights may ask for: fs.pipe-max-size. */
const PIPE_BYTES = 1024 * 1024;
/** How often to look whether somebody else than the handler still has the pipe. */
const PAUSE_MS = 50;

/**
 * Starts a handler as the kernel does (fs/coredump.c, coredump_pipe()), and gives it the core as it comes. Returns when the pipe is closed
 * by all who have it: until then the process is to be held.
 *
 * @param words From the handler's core_pattern; the first is its path.
 * @param pidfd Becomes its descriptor 3; null where the pattern asks for none.
 * @throws {SystemCallError} Where it cannot be started.
 */
export function feedHandler(stream: CoreStream, words: readonly Buffer[], pidfd: number | null): void {
  const pipe = newPipe();
  setPipeSize(pipe.write, PIPE_BYTES);
  limitCore();
  const handler = posixSpawn(words, { input: pipe.read, others: pidfd === null ? [] : [pidfd] });
  closeSync(pipe.read);
  const same = openPath(`/proc/self/fd/${pipe.write}`);
  pump(stream, pipe.write);
  closeSync(pipe.write);
  waitForEnd(handler);
  // systemd-coredump passes its pipe to another process, and ends.
  while (isRead(same)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

/** umh_coredump_setup(): a handler that crashes must not start the next one. */
function limitCore(): void {
  try {
    setrlimit('core', 1n);
  } catch (error) {
    // Whoever started our service allows less, and we have no right to more.
    if (!hasErrno(error, 'EPERM')) throw error;
  }
}

function pump(stream: CoreStream, to: number): void {
  const chunk = Buffer.allocUnsafeSlow(PIPE_BYTES);
  try {
    for (let count = stream.read(chunk); count > 0; count = stream.read(chunk)) {
      for (let done = 0; done < count; ) done += writeSync(to, chunk, done, count - done);
    }
  } catch (error) {
    if (!hasErrno(error, 'EPIPE')) throw error; // It wants no more.
  }
}

/** @param pipe Opened with O_PATH, which makes it no end of the pipe. */
function isRead(pipe: number): boolean {
  const writingEnd = openSync(`/proc/self/fd/${pipe}`, 'w');
  try {
    return hasReaders(writingEnd);
  } finally {
    closeSync(writingEnd);
  }
}
