import { checked, libc } from './libc.ts';
import { unixAddress } from './unix-address.ts';

const connectCall = libc.func('int connect(int fd, const void *address, uint length)');

/**
 * Connects a Unix socket: connect(2). A blocking one waits for room in the listener's queue, as long as its send
 * timeout allows (EAGAIN then).
 *
 * @param path A path, or `@name` for an abstract one.
 * @throws {SystemCallError} ENOENT and ECONNREFUSED where nobody listens, EACCES, EAGAIN.
 */
export function connect(fd: number, path: string): void {
  const address = unixAddress(path);
  checked('connect', path, () => connectCall(fd, address, address.length));
}
