import { closeSync, constants, openSync, readSync } from 'node:fs';
import { hasErrno } from '../../linux/system-call-error.ts';
import { parseKernelRecord } from '../../server/ledger/kernel-log-line.ts';
import { isRefusal } from '../../server/ledger/kernel-words.ts';
import { type Check, type Finding, ok, warn } from './check.ts';
import type { ServiceAdvice } from './service-advice.ts';

const KERNEL_LOG = '/dev/kmsg';
/** CONSOLE_EXT_LOG_MAX: a longer record is EINVAL. */
const RECORD_BYTES = 8192;

/** What the kernel says, and what to do. */
const REASONS: readonly [RegExp, string | ((services: ServiceAdvice) => string)][] = [
  [/core_pipe_limit/, 'sysctl -w kernel.core_pipe_limit=N, with a larger N than now'],
  [/queue full/, ({ restart }) => `sysctl -w net.core.somaxconn=4096; then: ${restart}`],
  [/RLIMIT_CORE/, 'nothing where the program has set a limit of 1 itself: prlimit --core --pid PID'],
  [
    /pipe failed|aborting core/,
    'the program that core_pattern names could not be started: ls -l it, and look for memory',
  ],
  [/Coredump socket/, ({ restart }) => restart],
];
const OTHERWISE = 'dmesg | grep -iE "core|usercrash"';

/** Has the kernel, or a client of ours, said since the machine started that it skipped dumps? */
export const kernelLog: Check = {
  name: 'kernel log',
  look({ services }) {
    const reasons = refusals();
    if (reasons.size === 0) return ok('no skipped dumps since the machine started');
    return [...reasons].map(([reason, count]): Finding => {
      const fix = REASONS.find(([shape]) => shape.test(reason))?.[1] ?? OTHERWISE;
      return warn(
        `${count === 1 ? 'one dump was' : `${count} dumps were`} skipped: ${reason}`,
        typeof fix === 'string' ? fix : fix(services),
      );
    });
  },
};

/** Reasons, and how often each; what was suppressed counts with the reason before it. */
function refusals(): Map<string, number> {
  const counts = new Map<string, number>();
  const fd = openSync(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(RECORD_BYTES);
    let last: string | null = null;
    for (;;) {
      const text = nextRecord(fd, buffer);
      if (text === null) return counts;
      const record = parseKernelRecord(text);
      if (record?.kind === 'suppressed' && last !== null)
        counts.set(last, (counts.get(last) ?? 0) + record.count);
      if (record?.kind !== 'line' || !isRefusal(record.line)) continue;
      last = record.line.reason;
      counts.set(last, (counts.get(last) ?? 0) + 1);
    }
  } finally {
    closeSync(fd);
  }
}

/** Null at the end; empty for what was overwritten before it was read, or is too long. */
function nextRecord(fd: number, buffer: Buffer): string | null {
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, null));
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return null;
    if (hasErrno(error, 'EPIPE', 'EINVAL')) return '';
    throw error;
  }
}
