import { closeSync, constants } from 'node:fs';
import { asRoot } from '../linux/as-root.ts';
import { openPath } from '../linux/open-path.ts';
import type { FileSystems } from './file-systems.ts';

const SLASH = 0x2f;

/**
 * Opens what lies at a path now, as a place only, in the root directory of a process and then in ours: which of them the
 * kernel's path is of (d_path() in fs/d_path.c) depends on who asked. No link is followed, because such a path has none, and no
 * file system is asked that may not answer. So it is for root as well, whoever has made the path.
 *
 * @param pid In the initial pid namespace.
 * @param isWanted Whether a file is the one that is looked for.
 * @returns Its descriptor, the caller's to close; null where there is none.
 */
export function openNamed(
  path: Buffer,
  { pid, fileSystems }: { pid: number; fileSystems: FileSystems },
  isWanted: (fd: number) => boolean,
): number | null {
  if (path[0] !== SLASH || path.includes(0)) return null;
  for (const root of [`/proc/${pid}/root`, '/']) {
    const fd = walk(root, path, fileSystems);
    if (fd === null) continue;
    if (isWanted(fd)) return fd;
    closeSync(fd);
  }
  return null;
}

/** One directory after the other: from each is known what file system it is of before it is asked for the next. */
function walk(root: string, path: Buffer, fileSystems: FileSystems): number | null {
  let fd: number | null = null;
  try {
    fd = asRoot(() => openPath(root));
    for (const name of path.toString('latin1').split('/')) {
      if (name === '') continue;
      if (name === '..' || fileSystems.mayBlock(fd)) break;
      const place = Buffer.from(`/proc/self/fd/${fd}/${name}`, 'latin1');
      const next: number = asRoot(() => openPath(place, constants.O_NOFOLLOW));
      closeSync(fd);
      fd = next;
    }
    if (!fileSystems.mayBlock(fd)) return fd;
  } catch {
    // Removed, no directory any more, or not ours to search: nothing is there for us.
  }
  if (fd !== null) closeSync(fd);
  return null;
}
