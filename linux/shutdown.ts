import { checked, libc } from './libc.ts';

const shutdownCall = libc.func('int shutdown(int fd, int how)');

/** sys/socket.h */
const SHUT_RD = 0;

/**
 * Says that no more will be read: the other end's next write fails with EPIPE. shutdown(2).
 *
 * @throws {SystemCallError} ENOTCONN where the other end is gone.
 */
export function shutdownRead(fd: number): void {
  checked('shutdown', `${fd} SHUT_RD`, () => shutdownCall(fd, SHUT_RD));
}
