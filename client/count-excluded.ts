import { type CrashEvent, Reason } from '../protocol/codec.ts';
import { GRANT_TIMEOUT_MS } from '../protocol/conversation.ts';
import { isRefusedFor, type ServerConnection } from '../protocol/server-connection.ts';
import { connectToServer } from './connect-to-server.ts';
import { keepEvent } from './keep-event.ts';

/**
 * Has a crash counted of which nothing is to be kept: by the server, or where there is none by the next one, which finds the
 * event in `.pending`.
 *
 * @param event With the pattern that excludes it.
 * @throws Node's error where neither can be told.
 */
export function countExcluded(runDir: string, event: CrashEvent): void {
  let server: ServerConnection | null = null;
  try {
    server = connectToServer(runDir);
    server.send('crashEvent', event);
    server.receive([], GRANT_TIMEOUT_MS);
  } catch (error) {
    // The server's word for: counted.
    if (isRefusedFor(error, Reason.EXCLUDED)) return;
    keepEvent(runDir, event);
  } finally {
    server?.close();
  }
}
