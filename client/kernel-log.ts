import { closeSync, openSync, writeSync } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';

/** The kernel cuts a record at about 1,000 bytes (LOG_LINE_MAX, kernel/printk/printk.c). */
const MAX_BYTES = 900;

/** LOG_DAEMON, and how bad it is: syslog(3). */
const PRIORITIES = { error: (3 << 3) | 3, warning: (3 << 3) | 4, info: (3 << 3) | 6 } as const;

/** Open since {@link keepKernelLog}; -1 before. */
let kept = -1;

/** For a process that is going to change its root directory or its rights: what it says later arrives all the same. */
export function keepKernelLog(): void {
  try {
    kept = openSync('/dev/kmsg', 'w');
  } catch {
    // As below.
  }
}

/**
 * Writes one line into the kernel log: the one place that is there before any logging service, and where
 * administrators look for lost core dumps.
 *
 * @param text Control characters become spaces. Never memory or environments.
 */
export function kernelLog(level: keyof typeof PRIORITIES, text: string): void {
  const line = text.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ').slice(0, MAX_BYTES);
  try {
    const fd = kept === -1 ? asRoot(() => openSync('/dev/kmsg', 'w')) : kept;
    try {
      writeSync(fd, `<${PRIORITIES[level]}>usercrash: ${line}\n`);
    } finally {
      if (fd !== kept) closeSync(fd);
    }
  } catch {
    // A container without /dev/kmsg: the report has its own notes, and there is nobody else to tell.
  }
}
