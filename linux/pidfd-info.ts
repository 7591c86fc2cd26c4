import { checked, libc } from './libc.ts';

const ioctlCall = libc.func('int ioctl(int fd, ulong request, void *argument)');

/** _IOWR(0xFF, 11, struct pidfd_info): include/uapi/linux/pidfd.h. Its size grows; a kernel fills what it knows. */
const INFO_BYTES = 80;
const PIDFD_GET_INFO = ((3 << 30) | (INFO_BYTES << 16) | (0xff << 8) | 11) >>> 0;

/** What is asked for; what comes is in the answer's mask. */
const PIDFD_INFO_PID = 1n;
const PIDFD_INFO_CREDS = 2n;
const PIDFD_INFO_COREDUMP = 16n;
const PIDFD_INFO_COREDUMP_SIGNAL = 64n;

/** coredump_mask */
const PIDFD_COREDUMPED = 1;
const PIDFD_COREDUMP_USER = 4;
const PIDFD_COREDUMP_ROOT = 8;

/** A process as its pidfd tells it: nobody else can have taken its number. */
export interface PidfdInfo {
  /** In our pid namespace; 0 where it is not in it. */
  pid: number;
  uid: number;
  gid: number;
  /** Null where the kernel says nothing about a dump. */
  coredump: {
    /** It is dumping, or has. */
    isDumped: boolean;
    /** core(5) %d: 1 as itself, 2 for root only; null where it is neither. */
    dumpable: number | null;
  } | null;
  /** The signal that killed it (kernel >= 6.19); null before. */
  signal: number | null;
}

/**
 * Asks for a process's ids and how its core is dumped: pidfd_open(2), ioctl(2) PIDFD_GET_INFO (kernel >= 6.13; about the
 * dump >= 6.16).
 *
 * @throws {SystemCallError} ENOTTY on an older kernel, ESRCH where the process has been reaped, EBADF.
 */
export function pidfdInfo(pidfd: number): PidfdInfo {
  const info = Buffer.alloc(INFO_BYTES);
  const wanted = PIDFD_INFO_PID | PIDFD_INFO_CREDS | PIDFD_INFO_COREDUMP | PIDFD_INFO_COREDUMP_SIGNAL;
  info.writeBigUInt64LE(wanted);
  checked('ioctl', `${pidfd} PIDFD_GET_INFO`, () => ioctlCall(pidfd, PIDFD_GET_INFO, info));
  const mask = info.readBigUInt64LE(0);
  const dump = info.readUInt32LE(64);
  return {
    pid: info.readUInt32LE(20),
    uid: info.readUInt32LE(28),
    gid: info.readUInt32LE(32),
    coredump:
      (mask & PIDFD_INFO_COREDUMP) === 0n
        ? null
        : {
            isDumped: (dump & PIDFD_COREDUMPED) !== 0,
            dumpable: (dump & PIDFD_COREDUMP_ROOT) !== 0 ? 2 : (dump & PIDFD_COREDUMP_USER) !== 0 ? 1 : null,
          },
    signal: (mask & PIDFD_INFO_COREDUMP_SIGNAL) === 0n ? null : info.readUInt32LE(68),
  };
}
