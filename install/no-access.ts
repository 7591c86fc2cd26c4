import { UsercrashError } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';

/** Something that not everybody may do. */
export interface Restricted {
  /** In words, without who: `usercrash_07 may not be read`. */
  what: string;
  /** What of crashlogctl to try as root: `show 07`. */
  command: string;
  /** The group that may read reports may not do this. */
  needsRoot?: true;
}

/** What somebody may not do who is neither root nor, for reading, in the group that may read reports. */
export function noAccess({ what, command, needsRoot }: Restricted, cause?: unknown): UsercrashError {
  const group = needsRoot ? '' : '; or, to read without sudo: sudo usermod -aG adm $USER, and log in again';
  return new UsercrashError('E_NO_ACCESS', `${what} by this user`, {
    fix: `sudo crashlogctl ${command}${group}`,
    cause,
  });
}

/**
 * Does what only root and a group may.
 *
 * @throws {UsercrashError} E_NO_ACCESS instead of the kernel's EACCES and EPERM.
 */
export async function withAccess<Result>(
  restricted: Restricted,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM')) throw noAccess(restricted, error);
    throw error;
  }
}
