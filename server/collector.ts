import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { tryLock } from '../linux/flock.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import type { Ownership } from '../linux/unnamed-file.ts';
import type { Completed, CrashEvent } from '../protocol/codec.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import { signalName } from '../report/signals.ts';
import type { AnalysisQueue } from './analysis-queue.ts';
import { eventOfCrashId, historyLine, type Outcome } from './history-line.ts';
import type { HistoryWriter } from './history-writer.ts';
import type { PendingCrash, PendingStore } from './pending-store.ts';
import { publish, reportPaths } from './publish.ts';
import { ReportFiles } from './report-files.ts';
import { nextSlot, slotName } from './slots.ts';

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
  readonly #history: HistoryWriter;
  readonly #queue: AnalysisQueue;
  /** Crashes that a conversation has in hand: `.pending` is not to be searched for them. */
  readonly #inHand = new Set<string>();
  /** Crashes whose client went away before Captured, and what their history line will say. */
  readonly #missing = new Map<string, { event: CrashEvent; reason: string; wait: NodeJS.Timeout }>();
  #publishing: Promise<unknown> = Promise.resolve();

  constructor(
    options: CollectorOptions,
    parts: { store: PendingStore; history: HistoryWriter; queue: AnalysisQueue },
  ) {
    this.#options = options;
    this.#store = parts.store;
    this.#history = parts.history;
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
  async publish(crash: OpenCrash, completed: Completed): Promise<{ slot: number; textPath: string }> {
    const { signature, signatureHash } = completed;
    const published = await this.#publish(crash.event, crash.files, {
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
    if (!isKept) await this.#note(missing.event, { collected: 'not collected', reason: missing.reason });
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
    await this.#note(event, { collected: 'not collected', reason });
  }

  async #takeUp(pending: PendingCrash): Promise<void> {
    const { crashId, files, state } = pending;
    if (state === 'torn') {
      if (Date.now() - pending.atMs < TORN_AFTER_MS) return;
      const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
      await this.#note(event, {
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
      if (await this.#isPublished(crashId, files.core)) return await this.#store.remove(crashId);
      if (state === 'captured') return this.#queue.add(crashId);
      const text = await open(files.text, 'r');
      opened.push(text);
      const json = await open(files.json, 'r');
      opened.push(json);
      const core = await open(files.core, 'r');
      opened.push(core);
      const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
      await this.#publish(event, { text, json, core }, { collected: 'full' });
    } finally {
      await Promise.allSettled(opened.map((file) => file.close()));
    }
  }

  /** Whether a slot already holds all of this crash: the server was killed between publishing and forgetting. */
  async #isPublished(crashId: string, pendingCore: string): Promise<boolean> {
    const { ino, nlink } = await stat(pendingCore);
    if (nlink < 2) return false;
    for (let slot = 0; slot < this.#options.slots; slot += 1) {
      const { core, text } = reportPaths(this.#options.logDir, slotName(slot));
      // The text is renamed last, and its second line names the crash.
      if ((await inodeOf(core)) === ino && (await beginningOf(text)).includes(crashId)) return true;
    }
    return false;
  }

  /** Publishes one report at a time: two must not choose the same slot. */
  async #publish(
    event: CrashEvent,
    files: { text: FileHandle; json: FileHandle; core: FileHandle },
    outcome: Outcome,
  ): Promise<{ slot: number; textPath: string }> {
    const published = this.#publishing.then(async () => {
      const { logDir, slots, log } = this.#options;
      const slot = await nextSlot(logDir, slots);
      const core = (await files.core.stat()).size > 0 ? files.core : null;
      await publish(logDir, slotName(slot), { text: files.text, json: files.json, core });
      this.#forgetMissing(event.crashId);
      await this.#note(event, { ...outcome, slot });
      await this.#store.remove(event.crashId);
      const textPath = join(logDir, slotName(slot));
      log.info('report-published', {
        signal: signalName(event.signal),
        program: textOfBytes(event.comm),
        signature: outcome.signature?.text ?? null,
        crashId: event.crashId,
        path: textPath,
      });
      return { slot, textPath };
    });
    this.#publishing = published.catch(() => undefined); // The caller is told; the next report has its own chance.
    return published;
  }

  /** Writes the crash's history line. A history that cannot be written must not cost the report: it is logged. */
  async #note(event: CrashEvent, outcome: Outcome): Promise<void> {
    try {
      await this.#history.append(historyLine(event, outcome));
    } catch (error) {
      this.#options.log.error('history-failed', { crashId: event.crashId, error: messageOf(error) });
    }
    if (outcome.collected === 'not collected') {
      this.#options.log.error('crash-not-collected', {
        crashId: event.crashId,
        reason: outcome.reason ?? null,
      });
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

/** The first bytes of a file; none where it does not exist. */
async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EISDIR')) return '';
    throw error;
  }
}

async function inodeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).ino;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
