import { serialize } from 'node:v8';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { captureLive, type LiveTarget } from '../capture/live/capture-live.ts';
import { plainCaptured } from '../capture/plain-captured.ts';
import { messageOf, UsercrashError } from '../errors/usercrash-error.ts';

/** What the thread says: that it is about to stop the process, then the capture, or why there is none. */
export type HoldMessage =
  | { kind: 'stopping' }
  | { kind: 'captured'; bytes: Uint8Array }
  | { kind: 'failed'; code: string | null; message: string; fix: string | null };

/**
 * The thread that holds a process. It does nothing else and ends then: with it ends everything that it may still trace, by
 * the kernel's own doing.
 */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const say = (message: HoldMessage) => port.postMessage(message);
  try {
    const target = workerData as LiveTarget; // Our own main thread gave it: hold-process.ts.
    const live = captureLive(target, () => say({ kind: 'stopping' }));
    const bytes = serialize({ ...live, captured: plainCaptured(live.captured) });
    port.postMessage({ kind: 'captured', bytes } satisfies HoldMessage, [bytes.buffer as ArrayBuffer]);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    say({
      kind: 'failed',
      code,
      message: messageOf(error),
      fix: error instanceof UsercrashError ? error.fix : null,
    });
  }
}
