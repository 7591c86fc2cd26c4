import { checked, libc } from './libc.ts';

const getsockoptCall = libc.func('int getsockopt(int fd, int level, int name, void *value, void *length)');

/** asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_GET_FILTER = 26;
const SO_PEERPIDFD = 77;

/** Who is at the other end, as the kernel recorded it at connect time: nothing that the peer can choose. */
export interface PeerCredentials {
  pid: number;
  uid: number;
  gid: number;
}

/** The peer of a connected Unix socket: getsockopt(2) SO_PEERCRED, unix(7). */
export function peerCredentials(fd: number): PeerCredentials {
  const value = Buffer.alloc(12);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  checked('getsockopt', `${fd} SO_PEERCRED`, () =>
    getsockoptCall(fd, SOL_SOCKET, SO_PEERCRED, value, length),
  );
  return { pid: value.readInt32LE(0), uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) };
}

/**
 * A pidfd of the process at the other end: getsockopt(2) SO_PEERPIDFD (kernel >= 6.5).
 *
 * @returns Its descriptor, close-on-exec; the caller closes it.
 * @throws {SystemCallError} ENOPROTOOPT on an older kernel, ESRCH or EINVAL where the peer has been reaped.
 */
export function peerPidfd(fd: number): number {
  const value = Buffer.alloc(4);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  checked('getsockopt', `${fd} SO_PEERPIDFD`, () =>
    getsockoptCall(fd, SOL_SOCKET, SO_PEERPIDFD, value, length),
  );
  return value.readInt32LE(0);
}

/** Whether somebody has attached a filter to a socket: getsockopt(2) SO_GET_FILTER, which tells its length for no room. */
export function hasFilter(fd: number): boolean {
  const length = Buffer.alloc(4);
  checked('getsockopt', `${fd} SO_GET_FILTER`, () =>
    getsockoptCall(fd, SOL_SOCKET, SO_GET_FILTER, null, length),
  );
  return length.readUInt32LE(0) > 0;
}
