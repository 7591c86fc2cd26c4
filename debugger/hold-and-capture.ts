import { join } from 'node:path';
import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { LiveCapture, LiveTarget } from '../capture/live/capture-live.ts';
import { TargetError } from '../capture/live/target-error.ts';
import { UsercrashError } from '../errors/usercrash-error.ts';
import type { HoldMessage } from './hold-worker.ts';

/** hold-worker.ts as it lies beside this file: in the sources, and where the build puts it. */
const PROGRAM = import.meta.filename.endsWith('.ts') ? 'hold-worker.ts' : 'debugger-hold.cjs';

/** Before the stop: counting the pages of a process takes some 10 ms a GiB. */
const PREPARE_LIMIT_MS = 60_000;
/**
 * For how long a process is stopped at most; ten threads take 30 ms, a thousand half a second. It may never end: PTRACE_SEIZE
 * waits for an execve(2) that in turn waits for a thread that we hold (ptrace(2), BUGS).
 */
const HOLD_LIMIT_MS = 3_000;

/**
 * Captures a live process in a thread of its own, and gives up on it when it takes too long.
 *
 * @returns The capture; its modules' descriptors are the caller's to close.
 * @throws {TargetError} E_TARGET_HANGS where time was up: the thread is still blocked then, and the caller must end the
 *   whole process by exitNow(), which also lets go of what it holds. {UsercrashError} of whatever else failed.
 */
export function holdAndCapture(target: LiveTarget, interrupted: AbortSignal): Promise<LiveCapture> {
  const { promise, resolve, reject } = Promise.withResolvers<LiveCapture>();
  // The files that it opens are ours afterwards.
  const worker = new Worker(join(import.meta.dirname, PROGRAM), {
    workerData: target,
    trackUnmanagedFds: false,
  });
  let timer = setTimeout(() => reject(hangs(target.pid, 'prepared', PREPARE_LIMIT_MS)), PREPARE_LIMIT_MS);
  const stop = () => reject(interrupted.reason);
  interrupted.addEventListener('abort', stop);
  worker.on('message', (message: HoldMessage) => {
    if (message.kind === 'stopping') {
      clearTimeout(timer);
      timer = setTimeout(() => reject(hangs(target.pid, 'read', HOLD_LIMIT_MS)), HOLD_LIMIT_MS);
    } else if (message.kind === 'captured') {
      // Our own thread serialised it: hold-worker.ts.
      resolve(deserialize(message.bytes) as LiveCapture);
    } else {
      const { code, fix } = message;
      reject(new UsercrashError(code ?? 'E_TARGET_GONE', message.message, fix === null ? {} : { fix }));
    }
  });
  worker.on('error', reject);
  // Has no effect where one of the above came first.
  worker.on('exit', (exitCode) => reject(new Error(`The thread that holds ended with ${exitCode}`)));
  const done = () => {
    clearTimeout(timer);
    interrupted.removeEventListener('abort', stop);
    worker.unref();
  };
  return promise.finally(done);
}

function hangs(pid: number, what: string, limitMs: number): TargetError {
  return new TargetError(
    'E_TARGET_HANGS',
    `Process ${pid} could not be ${what} within ${limitMs} ms, and was let go`,
    {
      fix: `the same again, or see what it waits for: cat /proc/${pid}/task/*/stack`,
    },
  );
}
