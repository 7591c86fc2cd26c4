import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptWhileRoom } from '../accept-while-room.ts';
import { ConnectionHandlers } from '../default-handler/connection-handlers.ts';
import type { Finishing } from '../finisher.ts';
import { CoreConnection } from './core-connection.ts';

/** A core's beginning comes within milliseconds. */
const STOP_LIMIT_MS = 2_000;

/**
 * Answers the kernel on its coredump socket.
 *
 * @param listener A listening stream socket, which somebody else holds as well: what connects while we are gone waits
 *   in its queue for the next of us, and its file stays.
 * @param finishing Is given every captured crash.
 * @returns Takes no more, and resolves when what has begun is captured and handed on, or after twice {@link STOP_LIMIT_MS}.
 */
export function listenForCores(listener: number, runDir: string, finishing: Finishing): () => Promise<void> {
  const connections = new Set<CoreConnection>();
  const handlers = new ConnectionHandlers();
  const endListening = acceptWhileRoom(listener, finishing, (fd) => {
    const connection: CoreConnection = new CoreConnection(fd, runDir, {
      finishing,
      handlers,
      closed: () => connections.delete(connection),
    });
    connections.add(connection);
  });
  return async () => {
    endListening();
    closeSync(listener);
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (connections.size > 0 && performance.now() < deadline) await sleep(5);
    for (const connection of [...connections]) connection.close();
    await handlers.stop(STOP_LIMIT_MS);
  };
}
