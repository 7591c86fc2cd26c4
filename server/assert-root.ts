import { UsercrashError } from '../errors/usercrash-error.ts';

/** Clients are root's, and what they bring is other users' memory. @throws {UsercrashError} E_NOT_ROOT. */
export function assertRoot(): void {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return;
  throw new UsercrashError('E_NOT_ROOT', `usercrash-server needs root and runs as uid ${uid}`, {
    fix: 'Start it with sudo.',
  });
}
