import { closeSync } from 'node:fs';
import { checked, libc } from './libc.ts';
import {
  CONTROL_HEADER_BYTES,
  CONTROL_LENGTH_OFFSET,
  FLAGS_OFFSET,
  MAX_DESCRIPTORS,
  messageHeader,
  releaseMessageHeader,
  SCM_RIGHTS,
  SOL_SOCKET,
} from './message-header.ts';

const recvmsgCall = libc.func('long recvmsg(int fd, void *message, int flags)');

/** bits/socket.h */
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const MSG_TRUNC = 0x20;
const MSG_CTRUNC = 0x8;

/**
 * What is received goes here first: a buffer for each packet, of the size of the largest, would be 64 KiB of garbage outside V8's
 * heap for some hundred bytes.
 */
let scratch = Buffer.alloc(0);
const control = Buffer.alloc(CONTROL_HEADER_BYTES + MAX_DESCRIPTORS * 4 + 4);

/** One message as it came. */
export interface ReceivedMessage {
  body: Buffer;
  /** Now ours, close-on-exec: the caller closes every one. */
  descriptors: number[];
  /** The packet was longer than the buffer, or brought more descriptors than we take: what is missing is gone. */
  isTruncated: boolean;
}

/**
 * Receives one message and the descriptors that come with it: recvmsg(2), unix(7).
 *
 * @param maxBytes Room for the body; a longer packet is cut and says so.
 * @returns The message; null where the peer has closed the connection.
 * @throws {SystemCallError} EAGAIN where the socket's timeout is over, ECONNRESET.
 */
export function recvmsg(fd: number, maxBytes: number): ReceivedMessage | null {
  if (scratch.length < maxBytes) scratch = Buffer.alloc(maxBytes);
  const header = messageHeader(scratch.subarray(0, maxBytes), control);
  const received = checked('recvmsg', `${fd} ${maxBytes} bytes`, () =>
    Number(recvmsgCall(fd, header, MSG_CMSG_CLOEXEC)),
  );
  releaseMessageHeader();
  const descriptors = descriptorsIn(control, Number(header.readBigUInt64LE(CONTROL_LENGTH_OFFSET)));
  if (received === 0) {
    for (const descriptor of descriptors) closeSync(descriptor);
    return null;
  }
  const flags = header.readInt32LE(FLAGS_OFFSET);
  return {
    body: Buffer.from(scratch.subarray(0, received)),
    descriptors,
    isTruncated: (flags & (MSG_TRUNC | MSG_CTRUNC)) !== 0,
  };
}

/** The descriptors of all SCM_RIGHTS control messages, which the kernel wrote. */
function descriptorsIn(control: Buffer, length: number): number[] {
  const descriptors: number[] = [];
  for (let at = 0; at + CONTROL_HEADER_BYTES <= length; ) {
    const messageBytes = Number(control.readBigUInt64LE(at));
    const isRights =
      control.readInt32LE(at + 8) === SOL_SOCKET && control.readInt32LE(at + 12) === SCM_RIGHTS;
    if (isRights) {
      for (let next = at + CONTROL_HEADER_BYTES; next + 4 <= at + messageBytes; next += 4) {
        descriptors.push(control.readInt32LE(next));
      }
    }
    at += Math.max(Math.ceil(messageBytes / 8) * 8, CONTROL_HEADER_BYTES);
  }
  return descriptors;
}
