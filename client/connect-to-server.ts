import { join } from 'node:path';
import { asRoot } from '../linux/as-root.ts';
import { GRANT_TIMEOUT_MS, SERVER_SOCKET } from '../protocol/conversation.ts';
import { ServerConnection } from '../protocol/server-connection.ts';

/** @throws As ServerConnection.open(): there is no server, or it does not accept in time. */
export function connectToServer(runDir: string): ServerConnection {
  return asRoot(() => ServerConnection.open(join(runDir, SERVER_SOCKET), GRANT_TIMEOUT_MS));
}
