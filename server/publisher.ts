import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'winston';
import type { CrashEvent } from '../protocol/codec.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import { signalName } from '../report/signals.ts';
import type { CrashNotes } from './crash-notes.ts';
import type { Outcome } from './history-line.ts';
import type { PendingStore } from './pending-store.ts';
import { publish } from './publish.ts';
import { nextSlot, slotName } from './slots.ts';

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

/** Publishes one report at a time: gives it its names, writes its history line, forgets it in `.pending`. */
export class Publisher {
  readonly #place: { logDir: string; slots: number };
  readonly #parts: { store: PendingStore; notes: CrashNotes; log: Logger };
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    place: { logDir: string; slots: number },
    parts: { store: PendingStore; notes: CrashNotes; log: Logger },
  ) {
    this.#place = place;
    this.#parts = parts;
  }

  /** @throws Node's or the kernel's error; see publish.ts for what stands then. */
  publish(event: CrashEvent, files: WholeReport, outcome: Outcome): Promise<PublishedReport> {
    // One after the other: two must not choose the same slot.
    const published = this.#last.then(() => this.#publish(event, files, outcome));
    this.#last = published.catch(() => undefined); // The caller is told; the next report has its own chance.
    return published;
  }

  async #publish(event: CrashEvent, files: WholeReport, outcome: Outcome): Promise<PublishedReport> {
    const { logDir, slots } = this.#place;
    const { store, notes, log } = this.#parts;
    const slot = await nextSlot(logDir, slots);
    const hasCore = files.core !== null && (await files.core.stat()).size > 0;
    await publish(logDir, slotName(slot), { ...files, core: hasCore ? files.core : null });
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
    return { slot, textPath };
  }
}
