import type { Record as CrashRecord } from './record.ts';

/** What a report that the process's user may read does without, in words. */
export const LEFT_OUT_FOR_OWNER = "other users' lines of the journal, kernel stack and log, source";

/** Why it is not there. */
export const OWNER_REASON = 'left out: the user of the process may read this report';

/**
 * Takes out of a record, in place, what the user of the process could not read himself: the kernel's stack, and lines of files
 * that the program only names as its source. The journal is read for that user in the first place.
 */
export function leaveOutOthers(record: CrashRecord): void {
  record.kernelStack = null;
  record.missing['kernel'] = OWNER_REASON;
  record.source = null;
  record.missing['source'] = OWNER_REASON;
}
