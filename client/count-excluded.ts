import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRunSettings } from '../config/run-settings.ts';
import { asRoot } from '../linux/as-root.ts';
import { type CrashEvent, encodeMessage, Reason } from '../protocol/codec.ts';
import { GRANT_TIMEOUT_MS, SERVER_SOCKET } from '../protocol/conversation.ts';
import { isRefusedFor, ServerConnection } from '../protocol/server-connection.ts';
import { pendingFiles } from '../report/pending-files.ts';
import { keepingPlace } from './keeping-place.ts';

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
    server = asRoot(() => ServerConnection.open(join(runDir, SERVER_SOCKET), GRANT_TIMEOUT_MS));
    server.send('crashEvent', event);
    server.receive([], GRANT_TIMEOUT_MS);
  } catch (error) {
    // The server's word for: counted.
    if (isRefusedFor(error, Reason.EXCLUDED)) return;
    const settings = readRunSettings(runDir);
    const { directory } = asRoot(() => keepingPlace(runDir, settings));
    const bytes = encodeMessage('crashEvent', event);
    asRoot(() => writeFileSync(pendingFiles(directory, event.crashId).event, bytes, { mode: 0o600 }));
  } finally {
    server?.close();
  }
}
