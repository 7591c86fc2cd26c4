import { chmodSync, lchownSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrno } from '../../linux/system-call-error.ts';
import type { CageUser } from '../cage/cage-user.ts';

/** The directories of a sysroot (build-sysroot.ts), empty yet. */
export interface SysrootPlace {
  /** The directory that all of it lies in. */
  top: string;
  /** Empty: for the mount of the cage's root. */
  root: string;
  /** For absolute names: gdb's `sysroot`. */
  absolute: string;
  /** For debug files by build-id. */
  debug: string;
  /**
   * Where gdb runs, for names like `plugins/x.so`, which it looks for nowhere else; deep enough that `../../x` from it still leads
   * nowhere.
   */
  cwd: string;
  /** Removes it; nothing is left to do where it is gone already. */
  remove(): void;
}

/** Levels that a relative name may climb. */
export const SYSROOT_DEPTH = 16;

/**
 * Makes them.
 *
 * @param user Another user, whose gdb shall find its way in it, and who fills it where `isGiven`; it may search but not list it. Null
 *   for ourselves.
 * @throws Node's error where the temporary directory cannot be written.
 */
export function makeSysrootPlace(user: CageUser | null, isGiven = false): SysrootPlace {
  const top = temporaryDirectory(isGiven || isRoot() ? SHARED.filter(isOursAlone) : [tmpdir(), ...SHARED]);
  const deep = Array.from({ length: SYSROOT_DEPTH }, () => 'd');
  const remove = () => rmSync(top, { recursive: true, force: true });
  try {
    if (user !== null) chmodSync(top, 0o711);
    const made = [top];
    const directory = (...levels: string[]) =>
      levels.reduce((above, level) => {
        const path = join(above, level);
        mkdirSync(path, { mode: 0o711 });
        made.push(path);
        return path;
      }, top);
    const place = {
      root: directory('root'),
      absolute: directory('absolute'),
      debug: directory('debug'),
      cwd: directory('cwd', ...deep),
    };
    // From within: as long as the first is ours, nobody can put anything in the place of the others.
    if (user !== null && isGiven) for (const path of made.reverse()) lchownSync(path, user.uid, user.gid);
    return { top, ...place, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Root's own choice: the environment may name a directory in which somebody else can put links in the place of ours. */
function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Where anybody may: who analyses is not who was told by the environment where temporary files go. */
const SHARED = ['/tmp', '/var/tmp', '/dev/shm'];

/** Whether nobody but root can rename what root has made in a directory. */
function isOursAlone(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  const isSticky = ((stats?.mode ?? 0) & 0o1000) !== 0;
  return stats?.isDirectory() === true && stats.uid === 0 && (isSticky || (stats.mode & 0o022) === 0);
}

function temporaryDirectory(places: readonly string[]): string {
  for (const [index, place] of places.entries()) {
    try {
      return mkdtempSync(join(place, 'usercrash-sysroot-'));
    } catch (error) {
      if (index === places.length - 1 || !hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOSPC'))
        throw error;
    }
  }
  throw new Error(`There is no directory for temporary files: ${SHARED.join(', ')}`);
}
