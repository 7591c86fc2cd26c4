import { messageOf } from '../errors/usercrash-error.ts';
import { accept4 } from '../linux/accept4.ts';
import { pollReadable } from '../linux/poll-readable.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { kernelLog } from './kernel-log.ts';

/** How much is in hand, for whoever brings more. */
export interface Room {
  /** Whether another crash may be captured. */
  readonly hasRoom: boolean;
  /** Calls back once there is room. */
  whenRoom(then: () => void): void;
}

/**
 * Accepts what connects to a listening socket, one connection at a time, as long as there is room for another crash; what
 * connects meanwhile waits in the socket's queue.
 *
 * @param listener Non-blocking; stays the caller's.
 * @param accepted Is given each connection, non-blocking.
 * @returns Ends it; to be called before the listener is closed.
 */
export function acceptWhileRoom(listener: number, room: Room, accepted: (fd: number) => void): () => void {
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
      if (room.hasRoom) return accept();
      endPolling?.();
      endPolling = null;
      room.whenRoom(start);
    });
  };
  start();
  return () => {
    isEnded = true;
    endPolling?.();
  };
}
