import { checked, libc } from './libc.ts';

const memfdCreateCall = libc.func('int memfd_create(str name, uint flags)');

/** linux/memfd.h */
const MFD_CLOEXEC = 1;

/**
 * A file that lives in memory, has no path and vanishes with its last descriptor: memfd_create(2).
 *
 * @param name Shown as `memfd:<name>` in /proc/PID/fd, nothing else.
 * @returns Its descriptor, close-on-exec.
 */
export function memfdCreate(name: string): number {
  return checked('memfd_create', name, () => memfdCreateCall(name, MFD_CLOEXEC));
}
