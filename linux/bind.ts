import { checked, libc } from './libc.ts';
import { AF_NETLINK } from './socket.ts';
import { unixAddress } from './unix-address.ts';

const bindCall = libc.func('int bind(int fd, const void *address, uint length)');

/**
 * Gives a Unix socket its name: bind(2). The file is made with the mode that the umask leaves.
 *
 * @throws {SystemCallError} EADDRINUSE where the file exists, also when nobody listens there any more.
 */
export function bind(fd: number, path: string): void {
  const address = unixAddress(path);
  checked('bind', path, () => bindCall(fd, address, address.length));
}

/**
 * Joins multicast groups of a netlink socket: bind(2), netlink(7).
 *
 * @param groups A bit for each.
 * @throws {SystemCallError} EPERM where the group needs a capability that we have not.
 */
export function bindNetlink(fd: number, groups: number): void {
  const address = Buffer.alloc(12); // struct sockaddr_nl; port 0: the kernel chooses
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(groups, 8);
  checked('bind', `netlink groups ${groups}`, () => bindCall(fd, address, address.length));
}
