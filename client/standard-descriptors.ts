import { closeSync, openSync } from 'node:fs';

/**
 * Opens descriptors 1 and 2: the kernel starts a helper with 0 (the core's pipe) and, where %F was asked for, 3 (a pidfd),
 * and nothing else. Node opens /dev/null for them by itself at its start; were one still free, the first socket would
 * become every child's stderr, so this is made sure of before anything else is opened.
 */
export function openStandardDescriptors(): void {
  let fd: number;
  do fd = openSync('/dev/null', 'r+');
  while (fd <= 2);
  closeSync(fd);
}
