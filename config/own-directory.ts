import { accessSync, constants, lstatSync, mkdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsercrashError } from '../errors/usercrash-error.ts';

/**
 * Makes a directory of ours where there is none.
 *
 * @param variable The environment variable that names it, for whoever has to choose another.
 * @throws {UsercrashError} E_NOT_OURS where something else is in its place, or somebody else could put files of his own
 *   into it, or another directory into its place; Node's error where it cannot be made or written (EROFS).
 */
export function ownDirectory(path: string, mode: number, variable: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { recursive: true, mode });
  assertOurs(path, lstatSync(path), variable);
  for (let above = dirname(realpathSync(path)); ; above = dirname(above)) {
    assertRoots(above, lstatSync(above), { path, variable });
    if (above === '/') break;
  }
  accessSync(path, constants.W_OK);
}

/** Whoever may rename in a directory above could put another in our directory's place; with the sticky bit only his own. */
function assertRoots(
  above: string,
  stat: Stats,
  { path, variable }: { path: string; variable: string },
): void {
  const isOthers = (stat.mode & 0o022) !== 0 && (stat.mode & 0o1000) === 0;
  if (stat.uid === 0 && !isOthers) return;
  throw new UsercrashError(
    'E_NOT_OURS',
    `${path} can be replaced by others: ${above} is not root's alone (uid ${stat.uid}, mode ${(stat.mode & 0o7777).toString(8)})`,
    { fix: `Choose another directory: ${variable}.` },
  );
}

function assertOurs(path: string, stat: Stats, variable: string): void {
  if (stat.isSymbolicLink()) {
    // Whoever may change a directory on the way could change where the link leads, after we have looked.
    const target = resolve(dirname(path), readlinkSync(path));
    throw new UsercrashError('E_NOT_OURS', `${path} is a symbolic link to ${target}`, {
      fix: `Name the directory itself, ${variable}=${target}, or put a directory (or a bind mount) in the link's place.`,
    });
  }
  if (!stat.isDirectory()) {
    throw new UsercrashError('E_NOT_OURS', `${path} is not a directory`, {
      fix: `Move it away, or choose another directory: ${variable}.`,
    });
  }
  if (stat.uid === 0 && (stat.mode & 0o022) === 0) return;
  const mode = (stat.mode & 0o7777).toString(8);
  throw new UsercrashError(
    'E_NOT_OURS',
    `${path} is not a directory that only root can write to (uid ${stat.uid}, mode ${mode})`,
    { fix: `chown root ${path} && chmod go-w ${path}, or choose another directory: ${variable}.` },
  );
}
