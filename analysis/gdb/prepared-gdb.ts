import { cageUser } from '../cage/cage-user.ts';
import { PreparedCage } from '../cage/prepared-cage.ts';
import { gdbWalls } from './gdb-process.ts';
import { cpuSecondsFor } from './gdb-session.ts';
import type { GdbLimits } from './launch-gdb.ts';
import { makeSysrootPlace, type SysrootPlace } from './sysroot-place.ts';

/** A cage in which gdb can be started by somebody who is not root any more, and the directories for its files. */
export interface PreparedGdb {
  cage: PreparedCage;
  place: SysrootPlace;
  /** Ends and removes what was not used. */
  close(): void;
}

/**
 * Prepares the place of the one gdb that an analysis mostly needs, while we are root.
 *
 * @returns Null where there is no gdb.
 * @throws {SystemCallError} Node's error where there is no temporary directory, or no process can be started.
 */
export function prepareGdb(limits: GdbLimits): PreparedGdb | null {
  const user = cageUser();
  const place = makeSysrootPlace(user, true);
  try {
    const { root, cwd, top } = place;
    const walls = gdbWalls({
      ...limits,
      ...{ root, cwd, user, seen: [top, ...limits.seen] },
      cpuSeconds: cpuSecondsFor(limits.runMs),
    });
    if (walls === null) {
      place.remove();
      return null;
    }
    const cage = new PreparedCage(walls);
    return {
      cage,
      place,
      close: () => {
        cage.close();
        place.remove();
      },
    };
  } catch (error) {
    place.remove();
    throw error;
  }
}
