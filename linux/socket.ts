import { checked, libc } from './libc.ts';

const socketCall = libc.func('int socket(int domain, int type, int protocol)');

/** bits/socket.h */
export const AF_UNIX = 1;
const SOCK_TYPES = { stream: 1, dgram: 2, seqpacket: 5 } as const;
export const AF_NETLINK = 16;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;

/** Kind of a Unix socket, by the name that unix(7) has for it. */
export type SocketKind = keyof typeof SOCK_TYPES;

/**
 * A new Unix socket, close-on-exec: socket(2).
 *
 * @param options `nonBlocking` makes every call on it return EAGAIN instead of waiting.
 * @returns Its descriptor; the caller closes it.
 */
export function socket(kind: SocketKind, options: { nonBlocking: boolean }): number {
  const type = SOCK_TYPES[kind] | SOCK_CLOEXEC | (options.nonBlocking ? SOCK_NONBLOCK : 0);
  return checked('socket', kind, () => socketCall(AF_UNIX, type, 0));
}

/**
 * A new netlink socket, close-on-exec, none of whose calls wait: netlink(7).
 *
 * @param protocol NETLINK_* of linux/netlink.h.
 * @returns Its descriptor; the caller closes it. A read of it is one datagram, a write goes to the kernel.
 * @throws {SystemCallError} EPROTONOSUPPORT where the kernel has no such protocol.
 */
export function netlinkSocket(protocol: number): number {
  const type = SOCK_TYPES.dgram | SOCK_CLOEXEC | SOCK_NONBLOCK;
  return checked('socket', `netlink ${protocol}`, () => socketCall(AF_NETLINK, type, protocol));
}
