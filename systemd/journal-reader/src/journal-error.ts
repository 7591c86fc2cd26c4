import { constants } from 'node:os';

/**
 * What went wrong, for programs. The values are stable.
 *
 * - `E_JOURNAL_LIBRARY` libsystemd is not there, or older than 246.
 * - `E_JOURNAL_OPTIONS` an argument that cannot be meant: of another type, out of its range, two places to open, an option
 *   that does not exist, a field name that no field can have.
 * - `E_JOURNAL_CLOSED` the journal was used after {@link Journal.close}.
 * - `E_JOURNAL_BUSY` a second wait while one is under way.
 * - `E_JOURNAL_NOT_FOUND` a directory or file that does not exist.
 * - `E_JOURNAL_ACCESS` no right to read it.
 * - `E_JOURNAL_CURSOR` text that is no cursor.
 * - `E_JOURNAL_NO_ENTRY` an entry was asked for before the first `next()` or after the last.
 * - `E_JOURNAL_CORRUPT` a file that is no journal, or a damaged one.
 * - `E_JOURNAL_UNSUPPORTED` a file that this libsystemd is too old for.
 * - `E_JOURNAL_CALL` anything else that libsystemd refused.
 */
export type JournalErrorCode =
  | 'E_JOURNAL_LIBRARY'
  | 'E_JOURNAL_OPTIONS'
  | 'E_JOURNAL_CLOSED'
  | 'E_JOURNAL_BUSY'
  | 'E_JOURNAL_NOT_FOUND'
  | 'E_JOURNAL_ACCESS'
  | 'E_JOURNAL_CURSOR'
  | 'E_JOURNAL_NO_ENTRY'
  | 'E_JOURNAL_CORRUPT'
  | 'E_JOURNAL_UNSUPPORTED'
  | 'E_JOURNAL_CALL';

/** What this package throws. Only the reason of a signal that the caller gave comes as it is. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  /** What to tell apart by; the message is for people. */
  readonly code: JournalErrorCode;
  /** Name of the errno that libsystemd returned, e.g. `ENOENT`; null where it was not asked. */
  readonly errno: string | null;

  constructor(
    code: JournalErrorCode,
    message: string,
    options: { errno?: string | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errno = options.errno ?? null;
  }
}

/** What the errnos of sd-journal(3) mean, whichever function returned them. */
const MEANINGS: Readonly<Record<string, [JournalErrorCode, string]>> = {
  ENOENT: ['E_JOURNAL_NOT_FOUND', 'it does not exist'],
  ENOTDIR: ['E_JOURNAL_NOT_FOUND', 'it is not a directory'],
  EACCES: ['E_JOURNAL_ACCESS', 'no right to read it (be root or in the group systemd-journal)'],
  EPERM: ['E_JOURNAL_ACCESS', 'no right to read it (be root or in the group systemd-journal)'],
  EADDRNOTAVAIL: ['E_JOURNAL_NO_ENTRY', 'the position is not on an entry: call next() or previous() first'],
  EBADMSG: ['E_JOURNAL_CORRUPT', 'the file is damaged, or no journal'],
  ENODATA: ['E_JOURNAL_CORRUPT', 'the file is too short for a journal'],
  EIO: ['E_JOURNAL_CORRUPT', 'the file is shorter than it claims'],
  EPROTONOSUPPORT: ['E_JOURNAL_UNSUPPORTED', 'it uses a feature that this libsystemd was built without'],
};

/**
 * The error for a libsystemd function that failed.
 *
 * @param call Its name, e.g. `sd_journal_open`.
 * @param result What it returned: a negative errno.
 * @param subject What it was done to, e.g. a path; empty where there is only the journal.
 */
export function failedCall(call: string, result: number, subject = ''): JournalError {
  const errno = errnoName(result);
  const [code, meaning] = MEANINGS[errno] ?? ['E_JOURNAL_CALL', 'refused'];
  const what = subject === '' ? call : `${call} ${subject}`;
  return new JournalError(code, `${what}: ${meaning} (${errno})`, { errno });
}

function errnoName(result: number): string {
  for (const [name, errno] of Object.entries(constants.errno)) if (errno === -result) return name;
  return `errno ${-result}`;
}
