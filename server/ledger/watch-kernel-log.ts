import { closeSync, constants, openSync, readSync } from 'node:fs';
import { messageOf } from '../../errors/usercrash-error.ts';
import { pollReadable } from '../../linux/poll-readable.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { type DumpLogRecord, parseKernelRecord, sequenceOf } from './kernel-log-line.ts';

const KERNEL_LOG = '/dev/kmsg';
/** CONSOLE_EXT_LOG_MAX: a longer record is EINVAL. */
const RECORD_BYTES = 8192;

/** Who is told; none may throw. */
export interface KernelLogListener {
  /** @param from `sequence`: its number. `isOld`: it was there before we looked. */
  record(record: DumpLogRecord, from: { sequence: number; isOld: boolean }): void;
  /** Older records were overwritten before they were read. */
  lost(): void;
  failed(why: string): void;
}

/** The kernel's log, as it is read. */
export interface KernelLogWatch {
  /** Number of the last record that was read; null where there is none. */
  readonly sequence: number | null;
  drain(): void;
  close(): void;
}

/**
 * Reads the kernel's log, without waiting.
 *
 * @param after Number of the record behind which to begin; null for what comes from now on.
 */
export function watchKernelLog(listener: KernelLogListener, after: number | null): KernelLogWatch {
  let fd: number;
  try {
    fd = openSync(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    listener.failed(`the kernel's log cannot be read: ${messageOf(error)}`);
    return { sequence: null, drain: () => undefined, close: () => undefined };
  }
  const buffer = Buffer.alloc(RECORD_BYTES);
  let isOpen = true;
  // Where its end is, only its last record tells.
  let isOld = true;
  let sequence: number | null = null;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    endPolling();
    closeSync(fd);
  };
  const drain = (): void => {
    while (isOpen) {
      try {
        const length = readSync(fd, buffer, 0, buffer.length, null);
        const text = buffer.toString('utf8', 0, length);
        sequence = sequenceOf(text) ?? sequence;
        if (isOld && (sequence === null || sequence <= (after ?? Number.POSITIVE_INFINITY))) continue;
        const record = parseKernelRecord(text);
        if (record !== null) listener.record(record, { sequence: sequence ?? 0, isOld });
      } catch (error) {
        if (hasErrno(error, 'EAGAIN')) return;
        if (hasErrno(error, 'EPIPE', 'EINVAL')) listener.lost();
        else {
          close();
          listener.failed(`the kernel's log cannot be read: ${messageOf(error)}`);
        }
      }
    }
  };
  const endPolling = pollReadable(fd, drain);
  drain();
  isOld = false;
  return {
    get sequence() {
      return sequence;
    },
    drain,
    close,
  };
}
