import type { Record as CrashRecord, Thread } from './record.ts';

/** The thread that a report is about: the one that crashed, else the first. Null where none is known. */
export function shownThread({ threads }: Pick<CrashRecord, 'threads'>): Thread | null {
  return threads?.find((thread) => thread.crashed) ?? threads?.[0] ?? null;
}
