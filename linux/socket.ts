import { checked, libc } from './libc.ts';

const socketCall = libc.func('int socket(int domain, int type, int protocol)');

/** bits/socket.h */
export const AF_UNIX = 1;
const SOCK_TYPES = { stream: 1, dgram: 2, seqpacket: 5 } as const;
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
