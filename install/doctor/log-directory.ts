import { lstatSync } from 'node:fs';
import { ownDirectory } from '../../config/own-directory.ts';
import { messageOf, UsercrashError } from '../../errors/usercrash-error.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { type Check, fail, ok } from './check.ts';

/** Nothing is written to a directory that is a link, or that somebody else could write to; nor where it cannot be. */
export const logDirectory: Check = {
  name: 'log directory',
  look({ paths: { logDir }, services }) {
    if (lstatSync(logDir, { throwIfNoEntry: false }) === undefined) {
      return fail(`${logDir} is not there`, `${services.restart}: it makes it`);
    }
    try {
      ownDirectory(logDir, 0o755, 'USERCRASH_LOG_DIR');
    } catch (error) {
      if (error instanceof UsercrashError && error.fix !== null) return fail(error.message, error.fix);
      if (hasErrno(error, 'EROFS'))
        return fail(`${logDir} is read-only`, `mount -o remount,rw its file system: findmnt -T ${logDir}`);
      return fail(
        `${logDir} cannot be used: ${messageOf(error)}`,
        `ls -ld ${logDir}; lsattr -d ${logDir}; findmnt -T ${logDir}`,
      );
    }
    return ok(`${logDir} is root's, and can be written`);
  },
};
