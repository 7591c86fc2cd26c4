import koffi from 'koffi';

/** SCM_RIGHTS control messages: unix(7), cmsg(3). All sizes are those of 64-bit Linux. */
export const SOL_SOCKET = 1;
export const SCM_RIGHTS = 1;
export const CONTROL_HEADER_BYTES = 16;
/** The kernel's SCM_MAX_FD (include/net/scm.h). */
export const MAX_DESCRIPTORS = 253;

/** sizeof(struct msghdr), sizeof(struct iovec). */
const HEADER_BYTES = 56;
const VECTOR_BYTES = 16;

/** Offsets in struct msghdr, after a call in which the kernel wrote them. */
export const CONTROL_LENGTH_OFFSET = 40;
export const FLAGS_OFFSET = 48;

/** Keeps the buffers of the last header from the garbage collector: the header holds only their addresses. */
let referenced: readonly (Buffer | null)[] = [];

/**
 * struct msghdr and, behind it, the struct iovec that it points to: recvmsg(2). It holds raw addresses, valid until
 * the next call of this function: make the system call at once.
 */
export function messageHeader(body: Buffer, control: Buffer | null): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + VECTOR_BYTES);
  referenced = [body, control, header];
  header.writeBigUInt64LE(koffi.address(header) + BigInt(HEADER_BYTES), 16);
  header.writeBigUInt64LE(1n, 24);
  if (control !== null) {
    header.writeBigUInt64LE(koffi.address(control), 32);
    header.writeBigUInt64LE(BigInt(control.length), CONTROL_LENGTH_OFFSET);
  }
  header.writeBigUInt64LE(koffi.address(body), HEADER_BYTES);
  header.writeBigUInt64LE(BigInt(body.length), HEADER_BYTES + 8);
  return header;
}

/** Forgets the buffers once the call is over. */
export function releaseMessageHeader(): void {
  if (referenced.length > 0) referenced = [];
}
