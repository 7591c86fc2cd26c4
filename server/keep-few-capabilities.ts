import { setEffectiveCapabilities } from '../linux/capset.ts';

/** linux/capability.h, and what each is for. */
const KEPT = {
  /** Reports belong to a group. */
  CHOWN: 0,
  /** A log directory that somebody has given away is still looked after. */
  DAC_OVERRIDE: 1,
  DAC_READ_SEARCH: 2,
  FOWNER: 3,
  /** A client that has given root up, and does not end. */
  KILL: 5,
  /** The process connector, and room for what it says: server/ledger/. */
  NET_ADMIN: 12,
  /** /proc/PID/exe of whoever dies. */
  SYS_PTRACE: 19,
  /** Descriptors for a storm. */
  SYS_RESOURCE: 24,
  /** /dev/kmsg, where kernel.dmesg_restrict is set. */
  SYSLOG: 34,
} as const;

/**
 * Puts down what of root's capabilities the server does not use, in this thread and in those that it starts; V8's own have them and open
 * nothing. To be called before anything asynchronous. Clients that it starts have all of them again.
 *
 * @throws {SystemCallError} As capset(2).
 */
export function keepFewCapabilities(): void {
  setEffectiveCapabilities(Object.values(KEPT).reduce((set, bit) => set | (1n << BigInt(bit)), 0n));
}
