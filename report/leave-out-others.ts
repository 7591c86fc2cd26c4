import type { Record as CrashRecord } from './record.ts';

/** What a report that the process's user may read does without, in words. */
export const LEFT_OUT_FOR_OWNER = "other users' lines of the journal, kernel stack and log";

const REASON = 'left out: the user of the process may read this report';

/**
 * Takes out of a record, in place, what the user of the process could not read himself: the kernel's stack. Journal and source are
 * read with that user's rights in the first place.
 */
export function leaveOutOthers(record: CrashRecord): void {
  record.kernelStack = null;
  record.missing['kernel'] = REASON;
}
