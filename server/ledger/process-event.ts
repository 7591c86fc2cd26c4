/**
 * What the kernel's process connector says, one datagram an event: struct nlmsghdr (linux/netlink.h), struct cn_msg
 * (linux/connector.h) and struct proc_event (linux/cn_proc.h) one behind the other. Process ids are those of the initial
 * pid namespace.
 */
export type ProcessEvent =
  /** The answer to a subscription, which every subscriber gets: `ack` is one more than what was asked with. */
  | { kind: 'ack'; ack: number; errno: number }
  /** A thread has got a signal of those that dump; whether the kernel dumps is not said. */
  | { kind: 'coredump'; pid: number; tid: number; atMs: number }
  /** A thread has ended by a signal. */
  | { kind: 'exit'; pid: number; tid: number; atMs: number; signal: number; isDumped: boolean };

/** What {@link subscription} asks with, and where a filter in the kernel finds what it looks at. */
export const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
const PROC_CN_MCAST_LISTEN = 1;
export const WHAT = { ack: 0, coredump: 0x4000_0000, exit: 0x8000_0000 } as const;
const NETLINK_HEADER_BYTES = 16;
const CONNECTOR_HEADER_BYTES = 20;
const EVENT = NETLINK_HEADER_BYTES + CONNECTOR_HEADER_BYTES;
export const OFFSETS = {
  netlinkType: 4,
  index: NETLINK_HEADER_BYTES,
  value: NETLINK_HEADER_BYTES + 4,
  sequence: NETLINK_HEADER_BYTES + 8,
  ack: NETLINK_HEADER_BYTES + 12,
  length: NETLINK_HEADER_BYTES + 16,
  what: EVENT,
  atNs: EVENT + 8,
  /** Of an ack. */
  errno: EVENT + 16,
  tid: EVENT + 16,
  pid: EVENT + 20,
  /** Of an exit: as wait(2) gives it. */
  exitCode: EVENT + 24,
} as const;
/** sizeof(struct proc_event): its longest event decides. */
const EVENT_BYTES = 40;
const NLMSG_DONE = 3;
const NLMSG_NOOP = 1;
const CORE_FLAG = 0x80;
const SIGNAL_MASK = 0x7f;

/**
 * @param bytes One datagram.
 * @returns Null for what is no event of these kinds.
 */
export function parseProcessEvent(bytes: Buffer): ProcessEvent | null {
  if (bytes.length < EVENT + EVENT_BYTES) return null;
  if (bytes.readUInt16LE(OFFSETS.netlinkType) === NLMSG_NOOP) return null;
  if (bytes.readUInt32LE(OFFSETS.index) !== CN_IDX_PROC) return null;
  if (bytes.readUInt32LE(OFFSETS.value) !== CN_VAL_PROC) return null;
  if (bytes.readUInt16LE(OFFSETS.length) < EVENT_BYTES) return null;
  const what = bytes.readUInt32LE(OFFSETS.what);
  if (what === WHAT.ack) {
    return { kind: 'ack', ack: bytes.readUInt32LE(OFFSETS.ack), errno: bytes.readUInt32LE(OFFSETS.errno) };
  }
  const [pid, tid] = [bytes.readInt32LE(OFFSETS.pid), bytes.readInt32LE(OFFSETS.tid)];
  const atMs = Number(bytes.readBigUInt64LE(OFFSETS.atNs)) / 1e6;
  if (pid <= 0 || tid <= 0) return null;
  if (what === WHAT.coredump) return { kind: 'coredump', pid, tid, atMs };
  if (what !== WHAT.exit) return null;
  const exitCode = bytes.readUInt32LE(OFFSETS.exitCode);
  const signal = exitCode & SIGNAL_MASK;
  return { kind: 'exit', pid, tid, atMs, signal, isDumped: (exitCode & CORE_FLAG) !== 0 };
}

/**
 * The message that makes the kernel send events to all that listen.
 *
 * @param ack A number of our own, to know the answer by.
 */
export function subscription(ack: number): Buffer {
  const message = Buffer.alloc(EVENT + 4);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(NLMSG_DONE, OFFSETS.netlinkType);
  message.writeUInt32LE(CN_IDX_PROC, OFFSETS.index);
  message.writeUInt32LE(CN_VAL_PROC, OFFSETS.value);
  message.writeUInt32LE(ack, OFFSETS.ack);
  message.writeUInt16LE(4, OFFSETS.length);
  message.writeUInt32LE(PROC_CN_MCAST_LISTEN, OFFSETS.what);
  return message;
}
