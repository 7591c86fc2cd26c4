import { closeSync, readlinkSync } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';
import { hasErrno } from '../linux/system-call-error.ts';

/** Where the handover program has the locks of its places, its user's and its own: from PLACE_FD on in handover.s. */
const PLACE_FDS = [10, 11];

/**
 * Gives the place among clients to the next, whose process is held until then. For a crash that is stored: analyses are bounded
 * otherwise, may take long, and are done by a process that has given up root.
 */
export function leavePlace(runDir: string): void {
  for (const fd of PLACE_FDS) {
    try {
      const path = asRoot(() => readlinkSync(`/proc/self/fd/${fd}`));
      if (path.startsWith(`${runDir}/place.`)) closeSync(fd);
    } catch (error) {
      // There was none to be had.
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }
}
