import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors/usercrash-error.ts';
import { accept4 } from '../../linux/accept4.ts';
import { pollReadable } from '../../linux/poll-readable.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { kernelLog } from '../kernel-log.ts';
import type { Finish } from '../resident.ts';
import { CoreConnection } from './core-connection.ts';

/** A core's beginning comes within milliseconds. */
const STOP_LIMIT_MS = 2_000;

/**
 * Answers the kernel on its coredump socket.
 *
 * @param listener A listening stream socket, which somebody else holds as well: what connects while we are gone waits
 *   in its queue for the next of us, and its file stays.
 * @param finish Is given every captured crash.
 * @returns Takes no more, and resolves when what has begun is captured, or after {@link STOP_LIMIT_MS}.
 */
export function listenForCores(listener: number, runDir: string, finish: Finish): () => Promise<void> {
  const connections = new Set<CoreConnection>();
  const endListening = pollReadable(listener, () => {
    try {
      for (;;) {
        const connection: CoreConnection = new CoreConnection(
          accept4(listener, { nonBlocking: true }),
          runDir,
          { finish, closed: () => connections.delete(connection) },
        );
        connections.add(connection);
      }
    } catch (error) {
      if (!hasErrno(error, 'EAGAIN')) kernelLog('error', `resident client: ${messageOf(error)}`);
    }
  });
  return async () => {
    endListening();
    closeSync(listener);
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (connections.size > 0 && performance.now() < deadline) await sleep(5);
    for (const connection of [...connections]) connection.close();
  };
}
