import { closeSync, constants, openSync, readSync } from 'node:fs';
import { messageOf } from '../../errors/usercrash-error.ts';
import { seekToEnd } from '../../linux/lseek.ts';
import { pollReadable } from '../../linux/poll-readable.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { type DumpLogRecord, parseKernelRecord } from './kernel-log-line.ts';

const KERNEL_LOG = '/dev/kmsg';
/** CONSOLE_EXT_LOG_MAX: a longer record is EINVAL. */
const RECORD_BYTES = 8192;

/** Who is told; none may throw. */
export interface KernelLogListener {
  record(record: DumpLogRecord): void;
  /** Older records were overwritten before they were read. */
  lost(): void;
  failed(why: string): void;
}

/** Reads the kernel's log from now on, without waiting. */
export function watchKernelLog(listener: KernelLogListener): { drain(): void; close(): void } {
  let fd: number;
  try {
    fd = openSync(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK);
    seekToEnd(fd);
  } catch (error) {
    listener.failed(`the kernel's log cannot be read: ${messageOf(error)}`);
    return { drain: () => undefined, close: () => undefined };
  }
  const buffer = Buffer.alloc(RECORD_BYTES);
  let isOpen = true;
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
        const record = parseKernelRecord(buffer.toString('utf8', 0, length));
        if (record !== null) listener.record(record);
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
  return { drain, close };
}
