import { chmodSync, closeSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SeqpacketServer, SeqpacketSocket } from 'node-unix-socket';
import { UsercrashError } from '../errors/usercrash-error.ts';
import { connect } from '../linux/connect.ts';
import { setCloseOnExec } from '../linux/fcntl.ts';
import { type PeerCredentials, peerCredentials } from '../linux/getsockopt.ts';
import { sendmsg } from '../linux/sendmsg.ts';
import { socket } from '../linux/socket.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { encodeMessage, MAX_FRAME_BYTES, type MessageName, type Messages } from './codec.ts';

/**
 * How many clients may wait to be accepted. The kernel cuts it to net.core.somaxconn (4096 by default); a client that
 * finds it full waits, so nothing is lost.
 */
const BACKLOG = 4096;

/** The server's end of one conversation. */
export interface ClientConnection {
  readonly peer: PeerCredentials;
  /** Never blocks. @throws {SystemCallError} EPIPE where the client is gone, EAGAIN where it does not read. */
  send<K extends MessageName>(name: K, value: Messages[K], descriptors?: readonly number[]): void;
  close(): void;
}

/** What the server wants to be told of a connection. Both are called from the event loop, `closed` exactly once. */
export interface ConnectionEvents {
  /** One packet, at most {@link MAX_FRAME_BYTES} + 1 bytes: a longer one was cut to that, and is thereby known. */
  packet(bytes: Buffer): void;
  closed(): void;
}

export interface Listener {
  /** Takes no more connections and removes the socket's file; those that exist go on. */
  close(): void;
}

/**
 * Listens for clients.
 *
 * The socket is 0600 in a directory that is made 0700: two locks, either of which keeps other users out. A file that
 * an earlier server left behind is removed; one that a server still answers on is an error.
 *
 * @param path Of the socket, at most 107 bytes.
 * @param accept Called for every connection; returns who is told of what comes in on it.
 * @param failed Told of an error of the listening socket itself.
 * @throws {UsercrashError} E_ALREADY_RUNNING.
 */
export function listen(
  path: string,
  accept: (connection: ClientConnection) => ConnectionEvents,
  failed: (error: unknown) => void,
): Listener {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  removeStaleSocket(path);
  const server = new SeqpacketServer();
  // The package's own listener would wrap the descriptor before we could ask the kernel who is there.
  server.removeAllListeners('_connection');
  server.on('_connection', (fd: number) => {
    try {
      adopt(fd, accept);
    } catch (error) {
      failed(error);
    }
  });
  server.on('error', failed);
  const mask = process.umask(0o177);
  try {
    server.listen(path, BACKLOG);
    // The package opens its sockets without it: a child of ours would keep the socket answering after our death.
    for (const fd of readdirSync('/proc/self/fd')) keepFromChildren(Number(fd));
  } finally {
    process.umask(mask);
  }
  return {
    close() {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

function adopt(fd: number, accept: (connection: ClientConnection) => ConnectionEvents): void {
  keepFromChildren(fd);
  let socket: SeqpacketSocket;
  let peer: PeerCredentials;
  try {
    peer = peerCredentials(fd);
    socket = new SeqpacketSocket(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  socket.setInternalReadBufferSize(MAX_FRAME_BYTES + 1);
  let isOpen = true;
  let events: ConnectionEvents | null = null;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    socket.destroy();
    events?.closed();
  };
  events = accept({
    peer,
    send(name, value, descriptors = []) {
      // Straight to the kernel: a queue of the package's own would let descriptors overtake the messages.
      if (isOpen) sendmsg(fd, encodeMessage(name, value), descriptors);
    },
    close,
  });
  // Whoever was asked may have sent it away at once, before there was anybody to be told.
  if (!isOpen) events.closed();
  socket.on('data', (bytes: Buffer) => {
    if (isOpen) events?.packet(bytes);
  });
  socket.on('end', close);
  socket.on('error', close);
}

/** The standard descriptors are what children are given on purpose. */
function keepFromChildren(fd: number): void {
  if (fd <= 2) return;
  try {
    setCloseOnExec(fd);
  } catch (error) {
    // The one that listed the directory has been closed.
    if (!hasErrno(error, 'EBADF')) throw error;
  }
}

function removeStaleSocket(path: string): void {
  const fd = socket('seqpacket', { nonBlocking: true });
  try {
    connect(fd, path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    if (hasErrno(error, 'ECONNREFUSED')) {
      rmSync(path, { force: true });
      return;
    }
    if (!hasErrno(error, 'EAGAIN')) throw error;
  } finally {
    closeSync(fd);
  }
  throw new UsercrashError('E_ALREADY_RUNNING', `A server already answers on ${path}`, {
    fix: 'Stop it first, or choose another USERCRASH_RUN_DIR.',
  });
}
