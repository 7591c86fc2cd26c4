import koffi from 'koffi';
import { failedCall } from './journal-error.ts';

const euidaccess: (path: string, mode: number) => number = koffi
  .load(null)
  .func('int euidaccess(const char *path, int mode)');
/** Whether there is such a file: access(2). */
const F_OK = 0;

/**
 * Refuses what is no directory: libsystemd opens it nevertheless, and then finds nothing in it without a word.
 *
 * Asks the C library: loading node:fs would take longer than loading all of this package.
 *
 * @throws {JournalError} E_JOURNAL_NOT_FOUND, E_JOURNAL_ACCESS.
 */
export function checkDirectory(path: string): void {
  if (euidaccess(`${path}/.`, F_OK) !== 0) throw failedCall('open', -koffi.errno(), path);
}
