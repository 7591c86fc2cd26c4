import type { Journal } from './journal.ts';
import type { JournalEntry } from './journal-entry.ts';
import { JournalError } from './journal-error.ts';
import type { ReadOptions } from './read-entry.ts';
import type { WaitOptions } from './wait-for-change.ts';

/** How to follow. */
export interface FollowOptions extends ReadOptions {
  /** Ends it: the iterator throws the signal's reason. */
  signal?: AbortSignal;
}

/** How long to read on before timers and I/O have a turn. */
const TURN_MS = 10;

/** See {@link Journal.follow}. */
export async function* followJournal(
  journal: Journal,
  { signal, ...read }: FollowOptions,
): AsyncGenerator<JournalEntry, void, void> {
  signal?.throwIfAborted();
  const forSignal = signal === undefined ? {} : { signal };
  // Watching begins before reading: what comes in between is seen.
  let isOpen = await waitWhileOpen(journal, { ...forSignal, timeoutMs: 0 });
  while (isOpen) {
    let turnEnds = performance.now() + TURN_MS;
    while (!journal.isClosed && journal.next()) {
      yield journal.entry(read);
      signal?.throwIfAborted();
      if (performance.now() < turnEnds) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + TURN_MS;
    }
    isOpen = await waitWhileOpen(journal, forSignal);
  }
}

/** Waits for a change. @returns false where the journal is closed, before or meanwhile. */
async function waitWhileOpen(journal: Journal, options: WaitOptions): Promise<boolean> {
  try {
    await journal.wait(options);
    return true;
  } catch (error) {
    if (error instanceof JournalError && error.code === 'E_JOURNAL_CLOSED') return false;
    throw error;
  }
}
