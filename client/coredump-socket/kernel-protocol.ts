/**
 * What the kernel and a coredump server say to each other on a connection of a socket named `@@path` in core_pattern
 * (include/uapi/linux/coredump.h, fs/coredump.c), all numbers in the machine's own order:
 *
 * 1. kernel: coredump_req {u32 size, u32 size_ack, u64 mask}: what it offers.
 * 2. server: coredump_ack {u32 size, u32 spare = 0, u64 mask}: what it wants, of KERNEL, USERSPACE and REJECT exactly one.
 * 3. kernel: a mark of four bytes; {@link Mark.REQACK} means that the request stands.
 * 4. kernel, for KERNEL: the core, until it ends or nobody reads any more. With WAIT the process then stays until the
 *    server closes the connection.
 */
export const REQUEST_BYTES = 16;
export const MARK_BYTES = 4;

/** The kernel writes the core. */
const KERNEL = 1n;
/** The process stays until the connection is closed. */
const WAIT = 8n;

/** sizeof(struct coredump_ack), of which a request says how much the kernel takes at most. */
const ACK_BYTES = 16;

/** enum coredump_mark */
export const Mark = { REQACK: 0 } as const;
const MARK_NAMES = ['REQACK', 'MINSIZE', 'MAXSIZE', 'UNSUPPORTED', 'CONFLICTING'];

/** The mark in words. */
export function markName(mark: number): string {
  return MARK_NAMES[mark] ?? String(mark);
}

/**
 * The answer to a request: write the core, and wait.
 *
 * @param request {@link REQUEST_BYTES}.
 * @returns Null where this is no request, or the kernel offers neither.
 */
export function answerTo(request: Buffer): Buffer | null {
  if (request.length < REQUEST_BYTES) return null;
  const size = request.readUInt32LE(0);
  const ackBytes = request.readUInt32LE(4);
  const offered = request.readBigUInt64LE(8);
  const wanted = KERNEL | WAIT;
  if (size < REQUEST_BYTES || ackBytes < ACK_BYTES || (offered & wanted) !== wanted) return null;
  const ack = Buffer.alloc(ACK_BYTES);
  ack.writeUInt32LE(ACK_BYTES, 0);
  ack.writeBigUInt64LE(wanted, 8);
  return ack;
}
