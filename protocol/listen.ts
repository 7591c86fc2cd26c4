import { chmodSync, closeSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SeqpacketServer } from 'node-unix-socket';
import { UsercrashError } from '../errors/usercrash-error.ts';
import { accept4 } from '../linux/accept4.ts';
import { connect } from '../linux/connect.ts';
import { setCloseOnExec, setNonBlocking } from '../linux/fcntl.ts';
import { type PeerCredentials, peerCredentials } from '../linux/getsockopt.ts';
import { pollReadable } from '../linux/poll-readable.ts';
import { type ReceivedMessage, recvmsg } from '../linux/recvmsg.ts';
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
  /**
   * One packet, at most {@link MAX_FRAME_BYTES} + 1 bytes: a longer one was cut to that, and is thereby known. The
   * descriptors that came with it are the receiver's, who closes them.
   */
  packet(bytes: Buffer, descriptors: number[]): void;
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
 * @param at The socket's path, at most 107 bytes; or a listening socket that a service manager holds, where clients wait while
 *   there is no server.
 * @param accept Called for every connection; returns who is told of what comes in on it.
 * @param failed Told of an error of the listening socket itself.
 * @throws {UsercrashError} E_ALREADY_RUNNING.
 */
export function listen(
  at: string | number,
  accept: (connection: ClientConnection) => ConnectionEvents,
  failed: (error: unknown) => void,
): Listener {
  if (typeof at === 'number') return listenOn(at, accept, failed);
  const path = at;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  assertNobodyListens(path);
  rmSync(path, { force: true });
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

/** How long not to ask again after an error, which is that there are no descriptors. */
const ACCEPT_PAUSE_MS = 100;

function listenOn(
  fd: number,
  accept: (connection: ClientConnection) => ConnectionEvents,
  failed: (error: unknown) => void,
): Listener {
  let timer: NodeJS.Timeout | null = null;
  let endPolling: () => void = () => undefined;
  const start = () => {
    endPolling = pollReadable(fd, () => {
      try {
        adopt(accept4(fd, { nonBlocking: true }), accept);
      } catch (error) {
        if (hasErrno(error, 'EAGAIN')) return;
        failed(error);
        endPolling();
        timer = setTimeout(start, ACCEPT_PAUSE_MS);
      }
    });
  };
  setNonBlocking(fd);
  setCloseOnExec(fd);
  start();
  return {
    // The socket stays open, for the next server.
    close() {
      if (timer !== null) clearTimeout(timer);
      endPolling();
    },
  };
}

/** Reading goes past the package, as sending does: it would drop the descriptors that come with a message. */
function adopt(fd: number, accept: (connection: ClientConnection) => ConnectionEvents): void {
  let peer: PeerCredentials;
  try {
    keepFromChildren(fd);
    setNonBlocking(fd);
    peer = peerCredentials(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let isOpen = true;
  let events: ConnectionEvents | null = null;
  let endPolling: (() => void) | null = null;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    endPolling?.();
    closeSync(fd);
    events?.closed();
  };
  try {
    events = accept({
      peer,
      send(name, value, descriptors = []) {
        if (isOpen) sendmsg(fd, encodeMessage(name, value), descriptors);
      },
      close,
    });
  } catch (error) {
    close();
    throw error;
  }
  // Whoever was asked may have sent it away at once, before there was anybody to be told.
  const told = events;
  if (!isOpen) {
    told.closed();
    return;
  }
  endPolling = pollReadable(fd, () => {
    const received = receive(fd);
    if (received === 'gone') close();
    else if (received !== 'nothing') told.packet(received.body, received.descriptors);
  });
}

function receive(fd: number): ReceivedMessage | 'nothing' | 'gone' {
  try {
    return recvmsg(fd, MAX_FRAME_BYTES + 1) ?? 'gone';
  } catch (error) {
    return hasErrno(error, 'EAGAIN') ? 'nothing' : 'gone';
  }
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

/** @throws {UsercrashError} E_ALREADY_RUNNING where somebody answers on this socket; it may be missing. */
export function assertNobodyListens(path: string): void {
  const fd = socket('seqpacket', { nonBlocking: true });
  try {
    connect(fd, path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ECONNREFUSED')) return;
    if (!hasErrno(error, 'EAGAIN')) throw error;
  } finally {
    closeSync(fd);
  }
  throw new UsercrashError('E_ALREADY_RUNNING', `A server already answers on ${path}`, {
    fix: 'Stop it first, or choose another USERCRASH_RUN_DIR.',
  });
}
