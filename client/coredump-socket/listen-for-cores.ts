import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors/usercrash-error.ts';
import { accept4 } from '../../linux/accept4.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { acceptWhileRoom } from '../accept-while-room.ts';
import { ConnectionHandlers } from '../default-handler/connection-handlers.ts';
import type { Finishing } from '../finisher.ts';
import { kernelLog } from '../kernel-log.ts';
import { ConnectionRoom } from './connection-room.ts';
import { CoreConnection } from './core-connection.ts';

/** For the queue of a storm on a busy machine. */
const QUEUE_LIMIT_MS = 8_000;
/** A core's beginning comes within milliseconds. */
const STOP_LIMIT_MS = 2_000;

/**
 * Answers the kernel on its coredump socket.
 *
 * @param listener A listening stream socket, which somebody else holds as well: what connects while we are gone waits
 *   in its queue for the next of us, and its file stays.
 * @param finishing Is given every captured crash.
 * @returns Takes what has connected by now and no more, and resolves when that is captured and handed on, or after
 *   {@link QUEUE_LIMIT_MS} and twice {@link STOP_LIMIT_MS}.
 */
export function listenForCores(listener: number, runDir: string, finishing: Finishing): () => Promise<void> {
  const connections = new Set<CoreConnection>();
  const handlers = new ConnectionHandlers();
  const room = new ConnectionRoom(finishing);
  const take = (fd: number) => {
    const connection: CoreConnection = new CoreConnection(fd, runDir, {
      finishing,
      handlers,
      closed() {
        connections.delete(connection);
        room.left(connection);
      },
    });
    connections.add(connection);
    room.entered(connection);
  };
  const endListening = acceptWhileRoom(listener, room, take);
  return async () => {
    endListening();
    let deadline = performance.now() + QUEUE_LIMIT_MS;
    // Where nobody comes after us the queue is thrown away, with the crashes that are in it.
    for (let isEmpty = false; !isEmpty && performance.now() < deadline; ) {
      if (room.hasRoom) isEmpty = !takeNext(listener, take);
      await sleep(room.hasRoom ? 0 : 5);
    }
    closeSync(listener);
    deadline = performance.now() + STOP_LIMIT_MS;
    while (connections.size > 0 && performance.now() < deadline) await sleep(5);
    for (const connection of [...connections])
      connection.abandon('the resident client ended before it had come to it');
    await handlers.stop(STOP_LIMIT_MS);
  };
}

/** @returns Whether there was one. */
function takeNext(listener: number, take: (fd: number) => void): boolean {
  try {
    take(accept4(listener, { nonBlocking: true }));
    return true;
  } catch (error) {
    if (!hasErrno(error, 'EAGAIN')) kernelLog('error', `resident client: ${messageOf(error)}`);
    return false;
  }
}
