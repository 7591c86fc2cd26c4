import { closeSync } from 'node:fs';
import { checked, libc } from './libc.ts';
import { socket } from './socket.ts';
import { unixAddress } from './unix-address.ts';

const sendtoCall = libc.func(
  'long sendto(int fd, const void *body, size_t length, int flags, const void *address, uint addressLength)',
);

/** bits/socket.h */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/**
 * Sends one datagram to a Unix socket and waits for nothing: sendto(2), unix(7). Node has no such sockets.
 *
 * @param path A path, or `@name` for an abstract one.
 * @throws {SystemCallError} ENOENT and ECONNREFUSED where nobody listens, EAGAIN where the receiver's queue is full,
 *   EMSGSIZE over the socket's buffer (net.core.wmem_max, usually 208 KiB), EACCES.
 * @throws {UsercrashError} E_SOCKET_PATH
 */
export function sendDatagram(path: string, body: Uint8Array): void {
  const address = unixAddress(path);
  const fd = socket('dgram', { nonBlocking: false });
  try {
    checked('sendto', path, () =>
      Number(sendtoCall(fd, body, body.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length)),
    );
  } finally {
    closeSync(fd);
  }
}
