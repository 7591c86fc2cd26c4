import { checked, libc } from './libc.ts';

const setsockoptCall = libc.func(
  'int setsockopt(int fd, int level, int name, const void *value, uint length)',
);

/** asm-generic/socket.h; on the 64-bit systems that we support a timeval is two 64-bit numbers. */
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;

/**
 * Bounds how long a blocking socket may wait: setsockopt(2) SO_RCVTIMEO and SO_SNDTIMEO. A wait that is over ends
 * with EAGAIN.
 *
 * @param timeoutMs For each single call; 0 waits for ever.
 */
export function setSocketTimeout(fd: number, timeoutMs: number): void {
  const timeval = Buffer.alloc(16);
  timeval.writeBigInt64LE(BigInt(Math.trunc(timeoutMs / 1000)), 0);
  timeval.writeBigInt64LE(BigInt(Math.round((timeoutMs % 1000) * 1000)), 8);
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) {
    checked('setsockopt', `${fd} timeout ${timeoutMs} ms`, () =>
      setsockoptCall(fd, SOL_SOCKET, option, timeval, timeval.length),
    );
  }
}
