import { closeSync, openSync } from 'node:fs';
import { setCloseOnExec } from '../linux/fcntl.ts';

/**
 * Makes the descriptors that the kernel gave us safe: it starts a helper with 0 (the core) and, where %F was asked
 * for, 3 (a pidfd), and nothing else. Node opens /dev/null for 1 and 2 by itself at its start; were one of them free,
 * the first socket would become every child's stderr, so it is checked and not believed. The core's pipe and the pidfd
 * are kept from every child: the kernel holds the process until the last copy of the pipe is closed.
 */
export function guardDescriptors(pidfd: number | null): void {
  for (;;) {
    const fd = openSync('/dev/null', 'r+');
    if (fd <= 2) continue;
    closeSync(fd);
    break;
  }
  setCloseOnExec(0);
  if (pidfd !== null) setCloseOnExec(pidfd);
}
