import { checked, libc } from './libc.ts';
import { AF_UNIX } from './socket.ts';

const socketpairCall = libc.func('int socketpair(int domain, int type, int protocol, void *pair)');

/** bits/socket.h */
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2000000;

/**
 * Two connected Unix sockets that keep packets apart, close-on-exec: socketpair(2).
 *
 * @returns Their descriptors; the caller closes them.
 */
export function socketpair(): [number, number] {
  const pair = Buffer.alloc(8);
  checked('socketpair', 'seqpacket', () => socketpairCall(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
  return [pair.readInt32LE(0), pair.readInt32LE(4)];
}
