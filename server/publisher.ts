import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'winston';
import type { CrashEvent } from '../protocol/codec.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import { signalName } from '../report/signals.ts';
import type { CrashNotes } from './crash-notes.ts';
import type { Outcome } from './history-line.ts';
import type { LogDirectory } from './log-directory.ts';
import type { PendingStore } from './pending-store.ts';
import { publish } from './publish.ts';
import type { Retention } from './retention.ts';
import { slotName } from './slots.ts';

/** Where a report stands. */
export interface PublishedReport {
  slot: number;
  textPath: string;
}

/** The files of a whole report. */
export interface WholeReport {
  text: FileHandle;
  json: FileHandle;
  /** Null or of no bytes where there is none. */
  core: FileHandle | null;
}

interface PublisherParts {
  directory: LogDirectory;
  store: PendingStore;
  notes: CrashNotes;
  retention: Retention;
  log: Logger;
}

/**
 * Publishes one report at a time: gives it its names, writes its history line, forgets it in `.pending`, and sees to it that
 * all of them stay within their bounds.
 */
export class Publisher {
  readonly #logDir: string;
  readonly #parts: PublisherParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(logDir: string, parts: PublisherParts) {
    this.#logDir = logDir;
    this.#parts = parts;
  }

  /**
   * Removes what is over the bounds, between two reports.
   *
   * @param wantedBytes See {@link Retention.apply}.
   */
  keepBounds(wantedBytes = 0): Promise<void> {
    const kept = this.#last.then(async () => {
      await this.#parts.directory.check();
      await this.#parts.retention.apply(wantedBytes);
    });
    this.#last = kept.catch(() => undefined); // It is logged: there is nothing to be kept within bounds.
    return this.#last.then(() => undefined);
  }

  /** @throws Node's or the kernel's error; see publish.ts for what stands then. */
  publish(event: CrashEvent, files: WholeReport, outcome: Outcome): Promise<PublishedReport> {
    // One after the other: two must not choose the same slot.
    const published = this.#last.then(() => this.#publish(event, files, outcome));
    this.#last = published.catch(() => undefined); // The caller is told; the next report has its own chance.
    return published;
  }

  async #publish(event: CrashEvent, files: WholeReport, outcome: Outcome): Promise<PublishedReport> {
    const logDir = this.#logDir;
    const { directory, store, notes, retention, log } = this.#parts;
    await directory.check();
    const { slot, replaces } = await retention.nextSlot();
    const hasCore = files.core !== null && (await files.core.stat()).size > 0;
    await publish(logDir, slotName(slot), { ...files, core: hasCore ? files.core : null });
    if (replaces !== null) retention.replaced(replaces);
    await notes.note(event, { ...outcome, slot });
    await store.remove(event.crashId);
    const textPath = join(logDir, slotName(slot));
    log.info('report-published', {
      signal: signalName(event.signal),
      program: textOfBytes(event.comm),
      signature: outcome.signature?.text ?? null,
      crashId: event.crashId,
      path: textPath,
    });
    await retention.apply();
    return { slot, textPath };
  }
}
