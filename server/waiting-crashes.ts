import { type FileHandle, open, rm } from 'node:fs/promises';
import { excludedBy } from '../config/excluded-by.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { tryLock } from '../linux/flock.ts';
import type { CrashEvent } from '../protocol/codec.ts';
import type { Collector, CollectorOptions, CollectorParts } from './collector.ts';
import { HistoryTail } from './history-tail.ts';
import { openIfThere } from './open-if-there.ts';
import { outcomeOfReport } from './outcome-of-report.ts';
import type { PendingCrash } from './pending-store.ts';
import { reportPaths } from './publish.ts';
import { publishedSlot } from './published-slot.ts';
import { slotName } from './slots.ts';

/** Why most crashes are `pending`. */
export const WAITS = 'it waits for its analysis';
/** Files of a crash that were never finished are given up after this long. */
const TORN_AFTER_MS = 10 * 60 * 1000;

/** Crashes that stand in `.pending`, and that nobody has in hand. */
export class WaitingCrashes {
  readonly #options: CollectorOptions;
  readonly #parts: CollectorParts;
  readonly #collector: Pick<Collector, 'isInHand' | 'repeatOf' | 'excluded'>;
  #takingUp: Promise<void> = Promise.resolve();
  /** Those whose every analysis has failed. */
  readonly #givenUp = new Set<string>();

  constructor(
    options: CollectorOptions,
    parts: CollectorParts,
    collector: Pick<Collector, 'isInHand' | 'repeatOf' | 'excluded'>,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#collector = collector;
  }

  /**
   * Takes up what stands in `.pending`: publishes what is whole, queues what can be analysed, gives up what is torn.
   * What somebody still works on is left for the next time. Never throws.
   *
   * @param only The one crash to look for; null for all.
   */
  takeUp(only: string | null = null): Promise<void> {
    // One after the other: two would want the same crashes.
    this.#takingUp = this.#takingUp.then(() => this.#takeUpAll(only));
    return this.#takingUp;
  }

  async #takeUpAll(only: string | null): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#parts.directory.check();
    } catch {
      return; // It is logged, and everything stays where it is until the next look.
    }
    await this.#parts.spool.takeOver();
    await this.#parts.notes.writeAll();
    try {
      const history = new HistoryTail(this.#options.logDir);
      for (const pending of await this.#parts.store.list()) {
        const { crashId } = pending;
        if (only !== null && crashId !== only) continue;
        if (this.#collector.isInHand(crashId) || this.#parts.queue.has(crashId)) continue;
        await this.#takeUpOne(pending, history).catch((error: unknown) => {
          log.error('pending-failed', { crashId, error: messageOf(error) });
        });
      }
    } catch (error) {
      log.error('pending-failed', { error: messageOf(error) });
    }
  }

  /** Every analysis of a crash has failed: it waits for a server that starts anew. */
  async giveUp(crashId: string, attempts: number): Promise<void> {
    this.#givenUp.add(crashId);
    this.#parts.moduleFiles.drop(crashId);
    await this.note(crashId, `analysis failed ${attempts} times; what was captured is in .pending`);
    this.#options.log.error('analysis-given-up', { crashId, attempts });
  }

  /** Says of a crash that it waits, unless that, or more, is what was said last. */
  async note(
    crashId: string,
    reason: string,
    history = new HistoryTail(this.#options.logDir),
  ): Promise<void> {
    const last = await history.lastOf(crashId);
    if (last?.collected === 'pending' && (reason === last.reason || reason === WAITS)) return;
    const event = await this.#parts.store.knownOf(crashId);
    await this.#parts.notes.note(event, { collected: 'pending', reason });
  }

  async #takeUpOne(pending: PendingCrash, history: HistoryTail): Promise<void> {
    const { crashId, files, state } = pending;
    if (state === 'torn' || state === 'left') return this.#clear(pending, history);
    const event = await this.#parts.store.knownOf(crashId);
    await withLock(files.captured, async () => {
      const slot = await publishedSlot(
        { ...this.#options, hasLinks: this.#parts.directory.hasLinks },
        crashId,
        files.core,
      );
      if (slot !== null) return await this.#forgetPublished(crashId, slot, history);
      const excluded = this.#excluded(event);
      if (excluded !== null) {
        await this.#collector.excluded(excluded);
        return await this.#forget(crashId);
      }
      const isGivenUp = this.#givenUp.has(crashId);
      // What was stored without a server was asked about by nobody yet; what a server has granted is granted again.
      if (!isGivenUp && (await this.#collector.repeatOf(event)) !== null) return await this.#forget(crashId);
      if (state === 'complete') return await this.#publishPending(pending, event);
      if (isGivenUp) return;
      await this.note(crashId, WAITS, history);
      this.#parts.queue.add(crashId);
    });
  }

  /** Clients that the kernel starts in early boot, or when the run directory was removed, know of no exclusions; of user units we do not. */
  #excluded(event: CrashEvent): CrashEvent | null {
    const program = { executable: event.executable, units: [event.unit] };
    const pattern = excludedBy(this.#options.excluded, program);
    return pattern === null ? null : { ...event, excludedBy: pattern };
  }

  async #publishPending({ crashId, files }: PendingCrash, event: CrashEvent): Promise<void> {
    const opened: FileHandle[] = [];
    try {
      const text = await open(files.text, 'r');
      opened.push(text);
      const json = await open(files.json, 'r');
      opened.push(json);
      const core = await openIfThere(files.core);
      if (core !== null) opened.push(core);
      if (!(await hasBytes(text)) || !(await hasBytes(json))) {
        await Promise.all([rm(files.text), rm(files.json)]);
        return this.#parts.queue.add(crashId);
      }
      this.#parts.missing.forget(crashId);
      const outcome = { collected: 'full', ...(await outcomeOfReport(json)) } as const;
      await this.#parts.publisher.publish(event, { text, json, core }, outcome);
      this.#parts.moduleFiles.drop(crashId);
    } finally {
      await Promise.allSettled(opened.map((file) => file.close()));
    }
  }

  /**
   * What is no whole crash: what was begun once it is old enough that nobody still works on it; what is left of one at once, also
   * when a client that was not told of its publishing has named its report afterwards.
   */
  async #clear({ crashId, state }: PendingCrash, history: HistoryTail): Promise<void> {
    const stored = state === 'torn' ? await this.#parts.store.eventOf(crashId) : null;
    if (stored !== null && (stored.excludedBy !== '' || stored.repeatOf !== '')) {
      // All that its client has kept, for want of a server that counts it.
      if (stored.excludedBy !== '') await this.#collector.excluded(stored);
      else await this.#collector.repeatOf(stored);
      return this.#forget(crashId);
    }
    if (state === 'torn' && (await this.#parts.store.ageMs(crashId)) < TORN_AFTER_MS) return;
    if (state === 'torn' && (await history.lastOf(crashId)) === null) {
      const event = await this.#parts.store.knownOf(crashId);
      const reason = 'the client ended before it had stored the crash';
      await this.#parts.notes.note(event, { collected: 'not collected', reason });
    }
    await this.#parts.store.remove(crashId);
  }

  /** A server was killed after it had published this crash: perhaps before it wrote the history line. */
  async #forgetPublished(crashId: string, slot: number, history: HistoryTail): Promise<void> {
    if ((await history.lastOf(crashId))?.slot !== slot) {
      const event = await this.#parts.store.knownOf(crashId);
      const json = await openIfThere(reportPaths(this.#options.logDir, slotName(slot)).json);
      const outcome = json === null ? {} : await outcomeOfReport(json).finally(() => json.close());
      await this.#parts.notes.note(event, { collected: 'full', slot, ...outcome });
    }
    await this.#forget(crashId);
  }

  /** Gives up crashes that wait, the oldest first: see Waiting in retention.ts. Nobody works on them. */
  async drop({ bytes, maxAgeMs }: { bytes: number; maxAgeMs: number }): Promise<void> {
    let overBytes = bytes;
    for (const { crashId, files, state } of await this.#parts.store.list()) {
      const isOver = overBytes > 0;
      const isOld = !isOver && (await this.#parts.store.ageMs(crashId)) > maxAgeMs;
      if ((!isOver && !isOld) || this.#collector.isInHand(crashId) || state === 'torn' || state === 'left')
        continue;
      const reason = isOld ? 'it has waited too long for its report' : 'no room: it gave way while it waited';
      await withLock(files.captured, async () => {
        const event = await this.#parts.store.knownOf(crashId);
        overBytes -= this.#parts.store.bytesOf(crashId);
        await this.#forget(crashId);
        await this.#parts.notes.note(event, { collected: 'not collected', reason });
      });
    }
  }

  /** Nothing of it waits any more. */
  async #forget(crashId: string): Promise<void> {
    this.#parts.missing.forget(crashId);
    this.#parts.moduleFiles.drop(crashId);
    await this.#parts.store.remove(crashId);
  }
}

async function hasBytes(file: FileHandle): Promise<boolean> {
  return (await file.stat()).size > 0;
}

/** Does something with a stored crash, unless somebody else is at work on it or it is gone. */
async function withLock(captured: string, act: () => Promise<void>): Promise<void> {
  const file = await openIfThere(captured);
  if (file === null) return;
  try {
    if (tryLock(file.fd) && (await file.stat()).nlink > 0) await act();
  } finally {
    await file.close();
  }
}
