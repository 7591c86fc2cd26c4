import { closeSync, readlinkSync } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';
import { hasErrno } from '../linux/system-call-error.ts';

/** Where the handover program has the lock of its place: PLACE_FD in handover.s. */
const PLACE_FD = 10;

/**
 * Gives the place among clients to the next, whose process is held until then. For a crash that is stored: analyses are bounded
 * otherwise, may take long, and are done by a process that has given up root.
 */
export function leavePlace(runDir: string): void {
  try {
    const path = asRoot(() => readlinkSync(`/proc/self/fd/${PLACE_FD}`));
    if (path.startsWith(`${runDir}/place.`)) closeSync(PLACE_FD);
  } catch (error) {
    // There was none to be had.
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}
