import { UsercrashError } from '../errors/usercrash-error.ts';
import { hasErrno } from '../linux/system-call-error.ts';

/** What somebody may not do who is neither root nor in the group that may read reports. */
export function noAccess(what: string, command: string, cause?: unknown): UsercrashError {
  return new UsercrashError('E_NO_ACCESS', `${what} by this user`, {
    fix: `sudo crashlogctl ${command}; or, to read without sudo: sudo usermod -aG adm $USER, and log in again`,
    cause,
  });
}

/**
 * Does what only root and a group may.
 *
 * @param command What of crashlogctl to try as root: `show 07`.
 * @throws {UsercrashError} E_NO_ACCESS instead of the kernel's EACCES and EPERM.
 */
export async function withAccess<Result>(
  { what, command }: { what: string; command: string },
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM')) throw noAccess(what, command, error);
    throw error;
  }
}
