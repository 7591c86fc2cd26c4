import { messageOf } from '../errors/usercrash-error.ts';
import { accept4 } from '../linux/accept4.ts';
import { pollReadable } from '../linux/poll-readable.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import type { Finishing } from './finisher.ts';
import { kernelLog } from './kernel-log.ts';

/**
 * Accepts what connects to a listening socket, one connection at a time, as long as there is room for another crash; what
 * connects meanwhile waits in the socket's queue.
 *
 * @param listener Non-blocking; stays the caller's.
 * @param accepted Is given each connection, non-blocking.
 * @returns Ends it; to be called before the listener is closed.
 */
export function acceptWhileRoom(
  listener: number,
  finishing: Finishing,
  accepted: (fd: number) => void,
): () => void {
  let endPolling: (() => void) | null = null;
  let isEnded = false;
  const accept = (): void => {
    try {
      accepted(accept4(listener, { nonBlocking: true }));
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN')) kernelLog('error', `resident client: ${messageOf(error)}`);
    }
  };
  const start = (): void => {
    if (isEnded || endPolling !== null) return;
    endPolling = pollReadable(listener, () => {
      if (finishing.hasRoom) return accept();
      endPolling?.();
      endPolling = null;
      finishing.whenRoom(start);
    });
  };
  start();
  return () => {
    isEnded = true;
    endPolling?.();
  };
}
