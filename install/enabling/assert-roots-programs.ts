import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsercrashError } from '../../errors/usercrash-error.ts';

/** What the kernel and systemd start as root, by the names of the build. */
const PROGRAMS = ['usercrash-server', 'usercrash-client', 'usercrash-client-analysis.cjs'];

/**
 * What root runs at every boot may be nobody else's to change.
 *
 * @param programs Absolute path of their directory.
 * @throws {UsercrashError} E_NOT_OURS; Node's error where they are not there.
 */
export function assertRootsPrograms(programs: string): void {
  for (const name of PROGRAMS) {
    for (let path = realpathSync(join(programs, name)); ; path = dirname(path)) {
      const { uid, mode } = lstatSync(path);
      const isSticky = (mode & 0o1000) !== 0;
      if (uid !== 0 || ((mode & 0o022) !== 0 && !isSticky)) {
        throw new UsercrashError(
          'E_NOT_OURS',
          `${path} is not root's alone (uid ${uid}, mode ${(mode & 0o7777).toString(8)}), and root would run what is there`,
          { fix: 'Install the package, or copy the directory to where only root can write, as /opt.' },
        );
      }
      if (path === '/') break;
    }
  }
}
