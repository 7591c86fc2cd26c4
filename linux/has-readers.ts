import { checked, libc } from './libc.ts';

const pollCall = libc.func('int poll(void *entries, ulong count, int timeout)');

/** poll.h */
const POLLERR = 8;

/** Whether anybody has a pipe's reading end open: poll(2) tells POLLERR, without being asked, where nobody has. */
export function hasReaders(writingEnd: number): boolean {
  // struct pollfd: { int fd; short events; short revents; }
  const entry = Buffer.alloc(8);
  entry.writeInt32LE(writingEnd);
  checked('poll', `${writingEnd}`, () => pollCall(entry, 1, 0));
  return (entry.readInt16LE(6) & POLLERR) === 0;
}
