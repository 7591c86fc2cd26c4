import { randomInt } from 'node:crypto';
import { closeSync, readSync, writeSync } from 'node:fs';
import { bindNetlink } from '../../linux/bind.ts';
import { setNonBlocking } from '../../linux/fcntl.ts';
import { hasFilter } from '../../linux/getsockopt.ts';
import { pollReadable } from '../../linux/poll-readable.ts';
import { attachFilter, setReceiveBuffer } from '../../linux/setsockopt.ts';
import { netlinkSocket } from '../../linux/socket.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { dumpFilter } from './dump-filter.ts';
import { CN_IDX_PROC, type ProcessEvent, parseProcessEvent, subscription } from './process-event.ts';

/** linux/netlink.h */
const NETLINK_CONNECTOR = 11;
/** Some 10,000 events, at 768 bytes each as the kernel counts: more than its coredump socket lets wait. */
const RECEIVE_BYTES = 4 * 1024 * 1024;
/** An event is 76 bytes. */
const DATAGRAM_BYTES = 4096;
/** The kernel answers at once, or, to somebody in a pid or user namespace, never. */
const ANSWER_LIMIT_MS = 2_000;

/** Who is told; each call is within the event loop, and none may throw. */
export interface DumpListener {
  /**
   * From now on every dump is told.
   *
   * @param isGapless And each of the time in which no server ran was told before this: the socket was held for us.
   */
  began(isGapless: boolean): void;
  event(event: Exclude<ProcessEvent, { kind: 'ack' }>): void;
  /** The kernel had more to say than there was room for: some events are gone. */
  lost(): void;
  /** There is no such connector, or not for us. */
  failed(why: string): void;
}

/** The kernel's word on dumps; see {@link listenForDumps}. */
export interface DumpEvents {
  /** Tells what has come by now, without waiting for the event loop. */
  drain(): void;
  close(): void;
}

/**
 * Listens to the kernel's process connector (CONFIG_PROC_EVENTS; CAP_NET_ADMIN in the initial namespaces).
 *
 * @param options `receiveBytes`: room for what is not read yet. `held`: a socket of the connector that a service manager has opened and
 *   bound, for whoever has no network. What waits in it since the server before has ended is told at once: see {@link isSubscribed}.
 */
export function listenForDumps(
  listener: DumpListener,
  { receiveBytes = RECEIVE_BYTES, held = null }: { receiveBytes?: number; held?: number | null } = {},
): DumpEvents {
  const ack = randomInt(2 ** 31);
  let fd: number;
  let isContinued: boolean;
  try {
    isContinued = isSubscribed(held);
    fd = opened(receiveBytes, held);
  } catch (error) {
    listener.failed(reasonOf(error));
    return { drain: () => undefined, close: () => undefined };
  }
  const datagram = Buffer.alloc(DATAGRAM_BYTES);
  let isOpen = true;
  let isAnswered = false;
  let isGapless = isContinued;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    clearTimeout(silence);
    endPolling();
    closeSync(fd);
  };
  const fail = (why: string): void => {
    close();
    listener.failed(why);
  };
  const answered = (errno: number): void => {
    if (isAnswered) return;
    isAnswered = true;
    clearTimeout(silence);
    if (errno === 0) listener.began(isGapless);
    else fail(`the process connector answers with errno ${errno}`);
  };
  const lost = (): void => {
    isGapless = false;
    if (isAnswered || isContinued) listener.lost();
  };
  const drain = (): void => {
    try {
      while (isOpen) {
        const length = readOr(fd, datagram, lost);
        if (length === null) return;
        const event = parseProcessEvent(datagram.subarray(0, length));
        if (event?.kind !== 'ack') {
          if (event !== null && (isAnswered || isContinued)) listener.event(event);
        } else if (event.ack === ack + 1) answered(event.errno);
      }
    } catch (error) {
      // What cannot be read once will not be read: better no ledger than a server that ends for it.
      fail(reasonOf(error));
    }
  };
  const silence = setTimeout(
    () => fail('the process connector does not answer: not the initial pid and user namespace'),
    ANSWER_LIMIT_MS,
  );
  const endPolling = pollReadable(fd, drain);
  try {
    // First, so that there is room for the answer: before our filter was there, others' events may have filled it.
    if (held !== null) drain();
    if (isOpen) writeSync(fd, subscription(ack));
  } catch (error) {
    fail(reasonOf(error));
  }
  return { drain, close };
}

/**
 * Whether a server before us has listened with this socket, which has kept the kernel's word since: our filter is there, and what it
 * lets through is ours alone.
 */
export function isSubscribed(held: number | null): boolean {
  return held !== null && hasFilter(held);
}

function opened(receiveBytes: number, held: number | null): number {
  const fd = held ?? netlinkSocket(NETLINK_CONNECTOR);
  try {
    if (held !== null) setNonBlocking(held);
    // Before there is anything to filter.
    attachFilter(fd, dumpFilter());
    setReceiveBuffer(fd, receiveBytes);
    if (held === null) bindNetlink(fd, CN_IDX_PROC);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The length of one datagram; null where none waits. */
function readOr(fd: number, datagram: Buffer, lost: () => void): number | null {
  for (;;) {
    try {
      return readSync(fd, datagram, 0, datagram.length, null);
    } catch (error) {
      if (hasErrno(error, 'EAGAIN')) return null;
      if (!hasErrno(error, 'ENOBUFS')) throw error;
      lost();
    }
  }
}

function reasonOf(error: unknown): string {
  if (hasErrno(error, 'EPROTONOSUPPORT')) return 'the kernel has no process connector (CONFIG_PROC_EVENTS)';
  if (hasErrno(error, 'ECONNREFUSED')) return 'the process connector is not in this network namespace';
  if (hasErrno(error, 'EPERM')) return 'no CAP_NET_ADMIN for the process connector';
  return `the process connector cannot be used: ${String(error)}`;
}
