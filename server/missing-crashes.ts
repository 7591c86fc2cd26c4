import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import type { CrashEvent } from '../protocol/codec.ts';
import type { CrashNotes } from './crash-notes.ts';
import type { PendingStore } from './pending-store.ts';
import type { Spool } from './spool.ts';

/** How long a client that went on without us may take to keep its crash itself: longer than it waits for our answers. */
const RETRACT_MS = 12_000;

/**
 * Crashes whose client has left before it had captured them, or was refused for want of room. It may go on without us:
 * what it keeps appears in `.pending` and has its history line from there. The others get one here.
 */
export class MissingCrashes {
  readonly #parts: { store: PendingStore; spool: Spool; notes: CrashNotes; log: Logger };
  readonly #crashes = new Map<string, { event: CrashEvent; reason: string; wait: NodeJS.Timeout }>();

  constructor(parts: { store: PendingStore; spool: Spool; notes: CrashNotes; log: Logger }) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#crashes.size;
  }

  /** @param reason What its history line will say, should it not appear. */
  add(event: CrashEvent, reason: string): void {
    const { crashId } = event;
    this.forget(crashId);
    const wait = setTimeout(() => void this.settle(crashId), RETRACT_MS);
    this.#crashes.set(crashId, { event, reason, wait });
  }

  /** It has appeared: whoever has it writes its line. */
  forget(crashId: string): void {
    clearTimeout(this.#crashes.get(crashId)?.wait);
    this.#crashes.delete(crashId);
  }

  /** Decides now: nobody works on this crash any more. Never throws. */
  async settle(crashId: string): Promise<void> {
    const crash = this.#crashes.get(crashId);
    if (crash === undefined) return;
    this.forget(crashId);
    const { store, spool, notes } = this.#parts;
    if (await this.#isKept(store, crashId)) return;
    const isSpooled = await this.#isKept(spool, crashId);
    const collected = isSpooled ? 'pending' : 'not collected';
    const reason = isSpooled ? `it waits in the run directory: ${crash.reason}` : crash.reason;
    await notes.note(crash.event, { collected, reason });
  }

  /** Decides now about all of them. */
  async settleAll(): Promise<void> {
    for (const crashId of [...this.#crashes.keys()]) await this.settle(crashId);
  }

  async #isKept(where: Pick<PendingStore, 'has'>, crashId: string): Promise<boolean> {
    try {
      return await where.has(crashId);
    } catch (error) {
      // Somebody has removed the directory: then nothing is kept in it.
      this.#parts.log.error('pending-failed', { crashId, error: messageOf(error) });
      return false;
    }
  }
}
