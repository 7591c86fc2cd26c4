import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';

/** Files of one crash appear one after the other; looking once after the last is enough. */
const SETTLE_MS = 250;
/** For what no event tells: a lock that was let go, room to publish what is whole. */
const PERIOD_MS = 30_000;

/**
 * Calls `takeUp` at once, whenever something appears in `directory`, and now and then: never two at a time.
 *
 * @returns Ends it.
 */
export function watchPending(directory: string, takeUp: () => Promise<void>, log: Logger): { close(): void } {
  let isRunning = false;
  let isWanted = false;
  let settle: NodeJS.Timeout | null = null;
  const run = async (): Promise<void> => {
    if (isRunning) {
      isWanted = true;
      return;
    }
    isRunning = true;
    try {
      do {
        isWanted = false;
        await takeUp();
      } while (isWanted);
    } catch (error) {
      log.error('pending-failed', { error: messageOf(error) });
    } finally {
      isRunning = false;
    }
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(directory, () => {
      settle ??= setTimeout(() => {
        settle = null;
        void run();
      }, SETTLE_MS);
    });
    watcher.on('error', (error) => log.warn('pending-unwatched', { error: messageOf(error) }));
  } catch (error) {
    log.warn('pending-unwatched', { error: messageOf(error) });
  }
  const period = setInterval(() => void run(), PERIOD_MS);
  void run();
  return {
    close() {
      watcher?.close();
      clearInterval(period);
      if (settle !== null) clearTimeout(settle);
    },
  };
}
