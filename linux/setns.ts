import { checked, libc } from './libc.ts';

const setnsCall = libc.func('int setns(int fd, int kind)');

/** linux/sched.h: CLONE_NEWUTS */
const CLONE_NEWUTS = 0x0400_0000;

/**
 * Has this thread see the host name of another namespace: setns(2). Other threads keep theirs.
 *
 * @param fd Of /proc/PID/ns/uts.
 * @throws {SystemCallError} EPERM without CAP_SYS_ADMIN, EINVAL where it is something else.
 */
export function enterUtsNamespace(fd: number): void {
  checked('setns', `${fd} CLONE_NEWUTS`, () => setnsCall(fd, CLONE_NEWUTS));
}
