import { checked, libc } from './libc.ts';

const listenCall = libc.func('int listen(int fd, int backlog)');

/**
 * Makes a bound socket one that connections wait at: listen(2).
 *
 * @param backlog How many may wait; the kernel cuts it to net.core.somaxconn.
 */
export function listen(fd: number, backlog: number): void {
  checked('listen', `${fd}`, () => listenCall(fd, backlog));
}
