import { checked, libc } from './libc.ts';

const ioctlCall = libc.func('int ioctl(int fd, ulong request, void *argument)');

/** asm-generic/ioctls.h */
const FIONREAD = 0x541b;

/** How many bytes can be read from a pipe or socket at once: ioctl(2), FIONREAD. */
export function bytesWaiting(fd: number): number {
  const count = Buffer.alloc(4);
  checked('ioctl', `${fd} FIONREAD`, () => ioctlCall(fd, FIONREAD, count));
  return count.readInt32LE(0);
}
