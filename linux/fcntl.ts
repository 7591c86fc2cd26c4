import { checked, libc } from './libc.ts';

const fcntl = libc.func('int fcntl(int fd, int command, int argument)');

/** asm-generic/fcntl.h, linux/fcntl.h */
const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;

/** Keeps a descriptor from every program that this process starts: fcntl(2), FD_CLOEXEC. */
export function setCloseOnExec(fd: number): void {
  checked('fcntl', `${fd} F_SETFD`, () => fcntl(fd, F_SETFD, FD_CLOEXEC));
}

/** Whether {@link setCloseOnExec} holds for `fd`. EBADF where it is not open. */
export function isCloseOnExec(fd: number): boolean {
  return (checked('fcntl', `${fd} F_GETFD`, () => fcntl(fd, F_GETFD, 0)) & FD_CLOEXEC) !== 0;
}

/** Makes calls on an open file fail with EAGAIN where they would wait: fcntl(2), O_NONBLOCK. */
export function setNonBlocking(fd: number): void {
  const flags = checked('fcntl', `${fd} F_GETFL`, () => fcntl(fd, F_GETFL, 0));
  checked('fcntl', `${fd} F_SETFL`, () => fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

/**
 * Sets how much a pipe can hold: fcntl(2), F_SETPIPE_SZ.
 *
 * @param bytes Rounded up by the kernel to a power of two; over /proc/sys/fs/pipe-max-size needs CAP_SYS_RESOURCE.
 * @returns The size that it has now, in bytes.
 */
export function setPipeSize(fd: number, bytes: number): number {
  return checked('fcntl', `${fd} F_SETPIPE_SZ ${bytes}`, () => fcntl(fd, F_SETPIPE_SZ, bytes));
}

/** How much a pipe can hold, in bytes: fcntl(2), F_GETPIPE_SZ. */
export function getPipeSize(fd: number): number {
  return checked('fcntl', `${fd} F_GETPIPE_SZ`, () => fcntl(fd, F_GETPIPE_SZ, 0));
}
