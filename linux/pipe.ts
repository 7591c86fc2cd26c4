import { checked, libc } from './libc.ts';

const pipe2Call = libc.func('int pipe2(void *descriptors, int flags)');

/** fcntl.h */
const O_CLOEXEC = 0o2000000;

/** A new pipe, both ends close-on-exec: pipe2(2). The caller closes them. */
export function newPipe(): { read: number; write: number } {
  const descriptors = Buffer.alloc(8);
  checked('pipe2', 'a pipe', () => pipe2Call(descriptors, O_CLOEXEC));
  return { read: descriptors.readInt32LE(0), write: descriptors.readInt32LE(4) };
}
