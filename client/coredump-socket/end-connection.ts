import { closeSync, readSync } from 'node:fs';
import { shutdownRead } from '../../linux/shutdown.ts';
import { hasErrno } from '../../linux/system-call-error.ts';

/** What is read goes nowhere. */
const drained = Buffer.allocUnsafeSlow(64 * 1024);

/** Closes the kernel's connection, which lets go of the process. Without unread data: the kernel would log that its socket failed. */
export function endConnection(fd: number): void {
  try {
    shutdownRead(fd);
    while (readSync(fd, drained) > 0);
  } catch (error) {
    // It is empty, or the kernel has ended it.
    if (!hasErrno(error, 'ENOTCONN', 'EAGAIN', 'ECONNRESET')) throw error;
  } finally {
    closeSync(fd);
  }
}
