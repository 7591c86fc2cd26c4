import { checked, libc } from './libc.ts';

const accept4Call = libc.func('int accept4(int fd, void *address, void *length, int flags)');

/** bits/socket.h */
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;

/**
 * Takes the next connection from a listening socket: accept4(2).
 *
 * @param fd A listening socket; where it is blocking, the call waits.
 * @param options `nonBlocking` for the new connection.
 * @returns The new connection's descriptor, close-on-exec.
 * @throws {SystemCallError} EAGAIN where nobody waits, EMFILE.
 */
export function accept4(fd: number, options: { nonBlocking: boolean }): number {
  const flags = SOCK_CLOEXEC | (options.nonBlocking ? SOCK_NONBLOCK : 0);
  return checked('accept4', `${fd}`, () => accept4Call(fd, null, null, flags));
}
