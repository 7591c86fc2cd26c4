import { checked, libc } from './libc.ts';
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
