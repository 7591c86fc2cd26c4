import koffi from 'koffi';
import { checked, libc } from './libc.ts';

const setsockoptCall = libc.func(
  'int setsockopt(int fd, int level, int name, const void *value, uint length)',
);

/** asm-generic/socket.h; on the 64-bit systems that we support a timeval is two 64-bit numbers. */
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;

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

/**
 * How much may wait to be read, also beyond net.core.rmem_max: setsockopt(2) SO_RCVBUFFORCE, socket(7).
 *
 * @param bytes With what the kernel needs for each message besides its body; the kernel doubles it for that.
 * @throws {SystemCallError} EPERM without CAP_NET_ADMIN.
 */
export function setReceiveBuffer(fd: number, bytes: number): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(bytes);
  checked('setsockopt', `${fd} SO_RCVBUFFORCE ${bytes}`, () =>
    setsockoptCall(fd, SOL_SOCKET, SO_RCVBUFFORCE, value, value.length),
  );
}

/** One instruction of a socket filter: struct sock_filter of linux/filter.h. */
export interface FilterInstruction {
  code: number;
  /** Instructions to skip where a jump's condition holds, and where it does not. */
  jumpTrue: number;
  jumpFalse: number;
  operand: number;
}

/**
 * Lets the kernel throw away what nobody wants to read: setsockopt(2) SO_ATTACH_FILTER, socket(7).
 *
 * @throws {SystemCallError} EINVAL where the kernel refuses the program.
 */
export function attachFilter(fd: number, program: readonly FilterInstruction[]): void {
  const instructions = Buffer.alloc(program.length * 8);
  for (const [index, { code, jumpTrue, jumpFalse, operand }] of program.entries()) {
    instructions.writeUInt16LE(code, index * 8);
    instructions.writeUInt8(jumpTrue, index * 8 + 2);
    instructions.writeUInt8(jumpFalse, index * 8 + 3);
    instructions.writeUInt32LE(operand, index * 8 + 4);
  }
  const head = Buffer.alloc(16); // struct sock_fprog
  head.writeUInt16LE(program.length, 0);
  head.writeBigUInt64LE(koffi.address(instructions), 8);
  checked('setsockopt', `${fd} SO_ATTACH_FILTER`, () =>
    setsockoptCall(fd, SOL_SOCKET, SO_ATTACH_FILTER, head, head.length),
  );
}
