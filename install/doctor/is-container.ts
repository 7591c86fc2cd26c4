import { readFileSync, readlinkSync } from 'node:fs';

/** The machine's own: PROC_PID_INIT_INO (include/linux/proc_ns.h). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * Whether this is a container: a pid namespace of its own, or systemd's container interface. Files that engines leave
 * (/.dockerenv) are also in machines that were made from their images.
 */
export function isContainer(): boolean {
  if (readlinkSync('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE) return true;
  try {
    return /(?:^|\0)container=[^\0]/.test(readFileSync('/proc/1/environ', 'latin1'));
  } catch {
    return false; // Only root may read it: then the namespace has to do.
  }
}
