import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { tryLock } from '../linux/flock.ts';
import type { Ownership } from '../linux/unnamed-file.ts';
import type { Completed, CrashEvent } from '../protocol/codec.ts';
import type { AnalysisQueue } from './analysis-queue.ts';
import type { CrashNotes } from './crash-notes.ts';
import { eventOfCrashId } from './history-line.ts';
import type { PendingCrash, PendingStore } from './pending-store.ts';
import { publishedSlot } from './published-slot.ts';
import type { PublishedReport, Publisher } from './publisher.ts';
import { ReportFiles } from './report-files.ts';

/** A crash that somebody works on. */
export interface OpenCrash {
  event: CrashEvent;
  files: ReportFiles;
  /** Gives the place for its analysis back; null while it has none of its own. */
  releasePlace: (() => void) | null;
  /** How long the process was held, as its client says; null where it did not. */
  heldMs: number | null;
}

export interface CollectorOptions {
  logDir: string;
  slots: number;
  ownership: Ownership;
  log: Logger;
}

/** Who does what a crash needs. */
export interface CollectorParts {
  store: PendingStore;
  notes: CrashNotes;
  publisher: Publisher;
  queue: AnalysisQueue;
}

/** How long a client that gave us up may take to keep its crash itself: longer than it waits for any of our answers. */
const RETRACT_MS = 12_000;
/** Files of a crash that were never finished are given up after this long. */
const TORN_AFTER_MS = 10 * 60 * 1000;

/**
 * What happens to crashes, whoever tells of them: a conversation, or `.pending`. Every crash that is begun here ends
 * in exactly one history line: published, or lost with a reason.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #store: PendingStore;
  readonly #notes: CrashNotes;
  readonly #publisher: Publisher;
  readonly #queue: AnalysisQueue;
  /** Crashes that a conversation has in hand: `.pending` is not to be searched for them. */
  readonly #inHand = new Set<string>();
  /** Crashes whose client went away before Captured, and what their history line will say. */
  readonly #missing = new Map<string, { event: CrashEvent; reason: string; wait: NodeJS.Timeout }>();

  constructor(options: CollectorOptions, parts: CollectorParts) {
    this.#options = options;
    this.#store = parts.store;
    this.#notes = parts.notes;
    this.#publisher = parts.publisher;
    this.#queue = parts.queue;
  }

  /** Crashes that wait for their analysis. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** A new crash: files for it. @throws Node's error where there can be none. */
  async begin(event: CrashEvent): Promise<OpenCrash> {
    const files = await ReportFiles.create(this.#options.logDir, this.#options.ownership);
    this.#inHand.add(event.crashId);
    return { event, files, releasePlace: null, heldMs: null };
  }

  /**
   * The process has been let go.
   *
   * @returns Whether its client may analyse now; otherwise the crash waits here, and the conversation is over.
   */
  async captured(crash: OpenCrash, heldMs: number): Promise<boolean> {
    crash.heldMs = heldMs;
    await this.#store.add(crash.event, crash.files);
    crash.releasePlace = this.#queue.tryTake();
    if (crash.releasePlace !== null) return true;
    await this.#close(crash);
    this.#queue.add(crash.event.crashId);
    return false;
  }

  /** A client that was started for a deferred crash. @returns Null where none waits by that name. */
  async resume(crashId: string): Promise<OpenCrash | null> {
    if (!this.#queue.has(crashId) || this.#inHand.has(crashId)) return null;
    const names = this.#store.filesOf(crashId);
    const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
    const files = await ReportFiles.resume(this.#options.logDir, this.#options.ownership, names);
    this.#inHand.add(crashId);
    return { event, files, releasePlace: null, heldMs: null };
  }

  /** The report is whole. @returns Where it stands now. */
  async publish(crash: OpenCrash, completed: Completed): Promise<PublishedReport> {
    const { signature, signatureHash } = completed;
    this.#forgetMissing(crash.event.crashId);
    const published = await this.#publisher.publish(crash.event, crash.files, {
      collected: 'full',
      signature: signature === '' ? null : { text: signature, hash: signatureHash },
      analysisMs: completed.analysisMs,
      heldMs: crash.heldMs ?? completed.heldMs,
    });
    await this.#close(crash);
    return published;
  }

  /**
   * The client of a crash is gone before its report was whole.
   *
   * @param isCaptured Whether it can be analysed again; otherwise it is lost.
   */
  async abandon(crash: OpenCrash, isCaptured: boolean, reason: string): Promise<void> {
    const { crashId } = crash.event;
    await this.#close(crash);
    if (isCaptured) {
      this.#options.log.warn('analysis-abandoned', { crashId, reason });
      this.#queue.add(crashId);
      return;
    }
    // Its client may have gone on without us: what it keeps appears in `.pending` within seconds.
    const wait = setTimeout(() => void this.#lose(crashId), RETRACT_MS);
    this.#missing.set(crashId, { event: crash.event, reason, wait });
  }

  /** Decides now about the crashes whose clients went away. */
  async settleMissing(): Promise<void> {
    for (const crashId of [...this.#missing.keys()]) await this.#lose(crashId);
  }

  async #lose(crashId: string): Promise<void> {
    const missing = this.#missing.get(crashId);
    if (missing === undefined) return;
    clearTimeout(missing.wait);
    this.#missing.delete(crashId);
    const isKept = (await this.#store.list()).some((pending) => pending.crashId === crashId);
    if (!isKept)
      await this.#notes.note(missing.event, { collected: 'not collected', reason: missing.reason });
  }

  /**
   * Takes up what stands in `.pending`: publishes what is whole, queues what can be analysed, gives up what is torn.
   * What somebody still works on is left for the next time.
   */
  async takeUpPending(): Promise<void> {
    for (const pending of await this.#store.list()) {
      if (this.#inHand.has(pending.crashId) || this.#queue.has(pending.crashId)) continue;
      try {
        await this.#takeUp(pending);
      } catch (error) {
        this.#options.log.error('pending-failed', { crashId: pending.crashId, error: messageOf(error) });
      }
    }
  }

  /** Every analysis of a crash has failed. */
  async giveUp(crashId: string, attempts: number): Promise<void> {
    const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
    const reason = `analysis failed ${attempts} times; what was captured is in .pending`;
    await this.#notes.note(event, { collected: 'not collected', reason });
  }

  async #takeUp(pending: PendingCrash): Promise<void> {
    const { crashId, files, state } = pending;
    if (state === 'torn') {
      if (Date.now() - pending.atMs < TORN_AFTER_MS) return;
      const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
      await this.#notes.note(event, {
        collected: 'not collected',
        reason: 'the client ended before it had stored the crash',
      });
      return this.#store.remove(crashId);
    }
    const opened: FileHandle[] = [];
    try {
      const captured = await open(files.captured, 'r+');
      opened.push(captured);
      if (!tryLock(captured.fd)) return;
      if ((await publishedSlot(this.#options, crashId, files.core)) !== null)
        return await this.#store.remove(crashId);
      if (state === 'captured') return this.#queue.add(crashId);
      const text = await open(files.text, 'r');
      opened.push(text);
      const json = await open(files.json, 'r');
      opened.push(json);
      const core = await open(files.core, 'r');
      opened.push(core);
      const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
      this.#forgetMissing(crashId);
      await this.#publisher.publish(event, { text, json, core }, { collected: 'full' });
    } finally {
      await Promise.allSettled(opened.map((file) => file.close()));
    }
  }

  #forgetMissing(crashId: string): void {
    clearTimeout(this.#missing.get(crashId)?.wait);
    this.#missing.delete(crashId);
  }

  async #close(crash: OpenCrash): Promise<void> {
    this.#inHand.delete(crash.event.crashId);
    await crash.files.close();
    crash.releasePlace?.();
    crash.releasePlace = null;
  }
}
