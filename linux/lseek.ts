import { checked, libc } from './libc.ts';

const lseekCall = libc.func('long lseek(int fd, long offset, int whence)');

/** unistd.h */
const SEEK_END = 2;

/** Goes to the end of an open file, for what has a position of its own, as /dev/kmsg: lseek(2). */
export function seekToEnd(fd: number): void {
  checked('lseek', `${fd} SEEK_END`, () => Number(lseekCall(fd, 0, SEEK_END)));
}
