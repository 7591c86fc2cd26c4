import { checked, libc } from './libc.ts';
import {
  CONTROL_HEADER_BYTES,
  messageHeader,
  releaseMessageHeader,
  SCM_RIGHTS,
  SOL_SOCKET,
} from './message-header.ts';

const sendmsgCall = libc.func('long sendmsg(int fd, const void *message, int flags)');

/** bits/socket.h: a peer that is gone is EPIPE, no signal. */
const MSG_NOSIGNAL = 0x4000;

/**
 * Sends one message, and with it descriptors (SCM_RIGHTS): sendmsg(2), unix(7). The receiver gets its own copies;
 * ours stay open.
 *
 * @param body At least one byte: an empty packet reads like the end of the connection.
 * @param descriptors In the order in which the receiver gets them, at most 253.
 * @throws {SystemCallError} EPIPE, EAGAIN (no room, or the send timeout is over), EMSGSIZE.
 */
export function sendmsg(fd: number, body: Buffer, descriptors: readonly number[] = []): void {
  const control = descriptors.length === 0 ? null : rightsOf(descriptors);
  const header = messageHeader(body, control);
  checked('sendmsg', `${fd} ${body.length} bytes`, () => sendmsgCall(fd, header, MSG_NOSIGNAL));
  releaseMessageHeader();
}

/** One SCM_RIGHTS control message, padded to CMSG_SPACE. */
function rightsOf(descriptors: readonly number[]): Buffer {
  const length = CONTROL_HEADER_BYTES + descriptors.length * 4;
  const control = Buffer.alloc(Math.ceil(length / 8) * 8);
  control.writeBigUInt64LE(BigInt(length), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  for (const [index, descriptor] of descriptors.entries()) {
    control.writeInt32LE(descriptor, CONTROL_HEADER_BYTES + index * 4);
  }
  return control;
}
