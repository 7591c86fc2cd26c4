import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { tryLock } from '../linux/flock.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import type { Completed, CrashEvent } from '../protocol/codec.ts';
import { reportOwnership } from '../report/pending-files.ts';
import type { AnalysisQueue } from './analysis-queue.ts';
import type { CrashNotes } from './crash-notes.ts';
import { eventOfCrashId } from './history-line.ts';
import { HistoryTail } from './history-tail.ts';
import type { RunningLedger } from './ledger/start-ledger.ts';
import type { LogDirectory } from './log-directory.ts';
import type { MissingCrashes } from './missing-crashes.ts';
import type { ModuleFiles, ReceivedFile } from './module-files.ts';
import { outcomeOfReport } from './outcome-of-report.ts';
import type { PendingCrash, PendingStore } from './pending-store.ts';
import { reportPaths } from './publish.ts';
import { publishedSlot } from './published-slot.ts';
import type { PublishedReport, Publisher } from './publisher.ts';
import type { Repeat, RepeatLimiter } from './repeat-limiter.ts';
import { ReportFiles } from './report-files.ts';
import type { Retention } from './retention.ts';
import { slotName } from './slots.ts';
import type { Spool } from './spool.ts';

/** A crash that somebody works on. */
export interface OpenCrash {
  event: CrashEvent;
  files: ReportFiles;
  /** Whether it stands in `.pending`, from where it can be analysed again. */
  isCaptured: boolean;
  /** Gives the place for its analysis back; null while it has none of its own. */
  releasePlace: (() => void) | null;
  /** How long the process was held, as its client says; null where it did not. */
  heldMs: number | null;
}

/** What a client says and brings when it has captured a crash. */
export interface CapturedCrash {
  heldMs: number;
  /** Their descriptors are ours. */
  files: readonly ReceivedFile[];
}

export interface CollectorOptions {
  logDir: string;
  slots: number;
  /** Numeric group that may read reports, or null. */
  reportGroup: number | null;
  log: Logger;
}

/** Who does what a crash needs. */
export interface CollectorParts {
  directory: LogDirectory;
  spool: Spool;
  store: PendingStore;
  notes: CrashNotes;
  publisher: Publisher;
  missing: MissingCrashes;
  moduleFiles: ModuleFiles;
  queue: AnalysisQueue;
  ledger: Pick<RunningLedger, 'began'>;
  repeats: RepeatLimiter;
  retention: Retention;
}

/** Why most crashes are `pending`. */
const WAITS = 'it waits for its analysis';
/** How long a process that was killed may take to close what it has open. */
const LET_GO_MS = 1_000;
/** Files of a crash that were never finished are given up after this long. */
const TORN_AFTER_MS = 10 * 60 * 1000;

/**
 * What happens to crashes, whoever tells of them: a conversation, or `.pending`. Every crash that is begun here ends
 * in a history line: published, or lost with a reason. Where it has several, the last one is true: a crash that waits has
 * one that says so, and one that was thought to be lost may still come.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #directory: LogDirectory;
  readonly #spool: Spool;
  readonly #store: PendingStore;
  readonly #notes: CrashNotes;
  readonly #publisher: Publisher;
  readonly #missing: MissingCrashes;
  readonly #moduleFiles: ModuleFiles;
  readonly #queue: AnalysisQueue;
  readonly #ledger: CollectorParts['ledger'];
  readonly #repeats: RepeatLimiter;
  readonly #retention: Retention;
  /** Crashes that a conversation has in hand: `.pending` is not to be searched for them. */
  readonly #inHand = new Set<string>();
  #takingUp: Promise<void> = Promise.resolve();
  /** Crashes in `.pending` whose every analysis has failed. */
  readonly #givenUp = new Set<string>();

  constructor(options: CollectorOptions, parts: CollectorParts) {
    this.#options = options;
    this.#directory = parts.directory;
    this.#spool = parts.spool;
    this.#store = parts.store;
    this.#notes = parts.notes;
    this.#publisher = parts.publisher;
    this.#missing = parts.missing;
    this.#moduleFiles = parts.moduleFiles;
    this.#queue = parts.queue;
    this.#ledger = parts.ledger;
    this.#repeats = parts.repeats;
    this.#retention = parts.retention;
  }

  /** Crashes that wait for their analysis. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Whether somebody works on this crash, or it waits. */
  has(crashId: string): boolean {
    return this.#inHand.has(crashId) || this.#queue.has(crashId);
  }

  /**
   * Whether a new crash gets a report. One that does not is counted: its history line names the crash that it repeats.
   *
   * @returns Null where it gets one, and {@link begin} is next.
   */
  async repeatOf(event: CrashEvent): Promise<Repeat | null> {
    const repeat =
      event.repeatOf === '' ? this.#repeats.admit(event) : { of: event.repeatOf, notBeforeMs: 0 };
    if (repeat !== null) await this.#notes.note(event, { collected: 'repeat', repeatOf: repeat.of });
    return repeat;
  }

  /**
   * A new crash: files for it.
   *
   * @throws Node's error where there can be none. Its client may find room all the same, in `.pending`; should it not,
   *   the history says why.
   */
  async begin(event: CrashEvent): Promise<OpenCrash> {
    this.#ledger.began(event);
    try {
      await this.#directory.check();
      const files = await ReportFiles.create(this.#options.logDir, this.#ownershipOf(event));
      this.#inHand.add(event.crashId);
      return { event, files, isCaptured: false, releasePlace: null, heldMs: null };
    } catch (error) {
      this.#missing.add(event, messageOf(error));
      throw error;
    }
  }

  /** A crash of which nothing but its history line is wanted. */
  excluded(event: CrashEvent): Promise<void> {
    const reason = `excluded by ${event.excludedBy}`;
    return this.#notes.note(event, { collected: 'not collected', reason });
  }

  /**
   * Why a captured crash may not be stored: there is no room for it, also after old reports have given way.
   *
   * @returns Null where it may. Otherwise it is lost, its history line says why, and the conversation is over.
   */
  async refusedForRoom(crash: OpenCrash): Promise<string | null> {
    const bytes = await crash.files.capturedBytes();
    if ((await this.#retention.lacks(bytes)) === null) return null;
    await this.#publisher.keepBounds(bytes);
    const reason = await this.#retention.lacks(bytes);
    if (reason === null) return null;
    await this.#close(crash);
    await this.#notes.note(crash.event, { collected: 'not collected', reason: `no room: ${reason}` });
    return reason;
  }

  /**
   * The process has been let go.
   *
   * @returns Whether its client may analyse now; otherwise the crash waits here, and the conversation is over.
   */
  async captured(crash: OpenCrash, { heldMs, files }: CapturedCrash): Promise<boolean> {
    crash.heldMs = heldMs;
    await this.#moduleFiles.keep(crash.event.crashId, files);
    await this.#directory.check();
    await this.#store.add(crash.event, crash.files);
    crash.isCaptured = true;
    crash.releasePlace = this.#queue.tryTake();
    if (crash.releasePlace !== null) return true;
    await this.#close(crash);
    await this.#notes.note(crash.event, {
      collected: 'pending',
      reason: WAITS,
      heldMs,
    });
    this.#queue.add(crash.event.crashId);
    return false;
  }

  /** A client that was started for a deferred crash. @returns Null where none waits by that name. */
  async resume(crashId: string): Promise<OpenCrash | null> {
    if (!this.#queue.has(crashId) || this.#inHand.has(crashId)) return null;
    await this.#directory.check();
    const names = this.#store.filesOf(crashId);
    const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
    const files = await ReportFiles.resume(this.#options.logDir, this.#ownershipOf(event), names);
    this.#inHand.add(crashId);
    return { event, files, isCaptured: true, releasePlace: null, heldMs: null };
  }

  /** The files of its modules, for whoever analyses it later. */
  filesOf(crash: OpenCrash): ReceivedFile[] {
    return this.#moduleFiles.of(crash.event.crashId);
  }

  /** The report is whole. @returns Where it stands now. */
  async publish(crash: OpenCrash, completed: Completed): Promise<PublishedReport> {
    const { signature, signatureHash } = completed;
    this.#missing.forget(crash.event.crashId);
    const published = await this.#publisher.publish(crash.event, crash.files, {
      collected: 'full',
      signature: signature === '' ? null : { text: signature, hash: signatureHash },
      analysisMs: completed.analysisMs,
      heldMs: crash.heldMs ?? completed.heldMs,
    });
    this.#moduleFiles.drop(crash.event.crashId);
    await this.#close(crash);
    return published;
  }

  /**
   * The client of a crash is gone before its report was whole. What is captured is analysed again; what is not is lost.
   *
   * @param end `isFinal`: the client itself will make no report. Otherwise it may go on without us, and keep what comes of
   *   it in `.pending`. `noRoom`: its report could not be stored.
   */
  async abandon(crash: OpenCrash, end: { isFinal: boolean; noRoom: boolean; reason: string }): Promise<void> {
    const { crashId } = crash.event;
    await this.#close(crash);
    if (!crash.isCaptured) {
      this.#moduleFiles.drop(crashId);
      this.#missing.add(crash.event, end.reason);
      if (end.isFinal) await this.#missing.settle(crashId);
      return;
    }
    this.#options.log.warn('analysis-abandoned', { crashId, reason: end.reason });
    await this.#notePending(crashId, end.noRoom ? `no room for its report: ${end.reason}` : WAITS);
    if (end.noRoom) this.#queue.pause();
    if (end.isFinal) return this.#queue.add(crashId);
    await this.takeUpPending(crashId);
    // One that was killed lets go of its files a moment after its connection.
    if (!this.#queue.has(crashId)) setTimeout(() => void this.takeUpPending(crashId), LET_GO_MS).unref();
  }

  /** Whether clients are gone that may still keep their crashes in `.pending`. */
  get isMissingAny(): boolean {
    return this.#missing.count > 0;
  }

  /** Decides now about the crashes whose clients went away: nobody comes any more. */
  settleMissing(): Promise<void> {
    return this.#missing.settleAll();
  }

  /**
   * Takes up what stands in `.pending`: publishes what is whole, queues what can be analysed, gives up what is torn.
   * What somebody still works on is left for the next time. Never throws.
   *
   * @param only The one crash to look for; null for all.
   */
  takeUpPending(only: string | null = null): Promise<void> {
    // One after the other: two would want the same crashes.
    this.#takingUp = this.#takingUp.then(() => this.#takeUpAll(only));
    return this.#takingUp;
  }

  async #takeUpAll(only: string | null): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#directory.check();
    } catch {
      return; // It is logged, and everything stays where it is until the next look.
    }
    await this.#spool.takeOver();
    await this.#notes.writeAll();
    try {
      const history = new HistoryTail(this.#options.logDir);
      for (const pending of await this.#store.list()) {
        const { crashId } = pending;
        if (only !== null && crashId !== only) continue;
        if (this.#inHand.has(crashId) || this.#queue.has(crashId)) continue;
        await this.#takeUp(pending, history).catch((error: unknown) => {
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
    this.#moduleFiles.drop(crashId);
    await this.#notePending(crashId, `analysis failed ${attempts} times; what was captured is in .pending`);
    this.#options.log.error('analysis-given-up', { crashId, attempts });
  }

  /** Says of a crash that it waits, unless that, or more, is what was said last. */
  async #notePending(
    crashId: string,
    reason: string,
    history = new HistoryTail(this.#options.logDir),
  ): Promise<void> {
    const last = await history.lastOf(crashId);
    if (last?.collected === 'pending' && (reason === last.reason || reason === WAITS)) return;
    const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
    await this.#notes.note(event, { collected: 'pending', reason });
  }

  async #takeUp(pending: PendingCrash, history: HistoryTail): Promise<void> {
    const { crashId, files, state } = pending;
    if (state === 'torn' || state === 'left') return this.#clear(pending, history);
    const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
    await withLock(files.captured, async () => {
      const slot = await publishedSlot(
        { ...this.#options, hasLinks: this.#directory.hasLinks },
        crashId,
        files.core,
      );
      if (slot !== null) return await this.#forgetPublished(crashId, slot, history);
      const isGivenUp = this.#givenUp.has(crashId);
      // What was stored without a server was asked about by nobody yet; what a server has granted is granted again.
      if (!isGivenUp && (await this.repeatOf(event)) !== null) return await this.#forget(crashId);
      if (state === 'complete') return await this.#publishPending(pending, event);
      if (isGivenUp) return;
      await this.#notePending(crashId, WAITS, history);
      this.#queue.add(crashId);
    });
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
        return this.#queue.add(crashId);
      }
      this.#missing.forget(crashId);
      const outcome = { collected: 'full', ...(await outcomeOfReport(json)) } as const;
      await this.#publisher.publish(event, { text, json, core }, outcome);
      this.#moduleFiles.drop(crashId);
    } finally {
      await Promise.allSettled(opened.map((file) => file.close()));
    }
  }

  /** What is no whole crash, once it is old enough that nobody still works on it. */
  async #clear({ crashId, state }: PendingCrash, history: HistoryTail): Promise<void> {
    const stored = state === 'torn' ? await this.#store.eventOf(crashId) : null;
    if (stored !== null && stored.excludedBy !== '') {
      // All that its client has kept, for want of a server that counts it.
      await this.excluded(stored);
      return this.#forget(crashId);
    }
    if (stored !== null && stored.repeatOf !== '') {
      // All that its client has kept, for want of a server that counts it.
      await this.repeatOf(stored);
      return this.#forget(crashId);
    }
    if ((await this.#store.ageMs(crashId)) < TORN_AFTER_MS) return;
    if (state === 'torn' && (await history.lastOf(crashId)) === null) {
      const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
      const reason = 'the client ended before it had stored the crash';
      await this.#notes.note(event, { collected: 'not collected', reason });
    }
    await this.#store.remove(crashId);
  }

  /** A server was killed after it had published this crash: perhaps before it wrote the history line. */
  async #forgetPublished(crashId: string, slot: number, history: HistoryTail): Promise<void> {
    if ((await history.lastOf(crashId))?.slot !== slot) {
      const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
      const json = await openIfThere(reportPaths(this.#options.logDir, slotName(slot)).json);
      const outcome = json === null ? {} : await outcomeOfReport(json).finally(() => json.close());
      await this.#notes.note(event, { collected: 'full', slot, ...outcome });
    }
    await this.#forget(crashId);
  }

  /** Gives up crashes that wait, the oldest first: see Waiting in retention.ts. Nobody works on them. */
  async dropWaiting({ bytes, maxAgeMs }: { bytes: number; maxAgeMs: number }): Promise<void> {
    let overBytes = bytes;
    for (const { crashId, files, state } of await this.#store.list()) {
      const isOver = overBytes > 0;
      const isOld = !isOver && (await this.#store.ageMs(crashId)) > maxAgeMs;
      if ((!isOver && !isOld) || this.#inHand.has(crashId) || state === 'torn' || state === 'left') continue;
      const reason = isOld ? 'it has waited too long for its report' : 'no room: it gave way while it waited';
      await withLock(files.captured, async () => {
        const event = (await this.#store.eventOf(crashId)) ?? eventOfCrashId(crashId);
        overBytes -= this.#store.bytesOf(crashId);
        await this.#forget(crashId);
        await this.#notes.note(event, { collected: 'not collected', reason });
      });
    }
  }

  /** Nothing of it waits any more. */
  async #forget(crashId: string): Promise<void> {
    this.#missing.forget(crashId);
    this.#moduleFiles.drop(crashId);
    await this.#store.remove(crashId);
  }

  #ownershipOf({ dumpable }: CrashEvent) {
    return reportOwnership(dumpable, this.#options.reportGroup);
  }

  async #close(crash: OpenCrash): Promise<void> {
    this.#inHand.delete(crash.event.crashId);
    await crash.files.close();
    crash.releasePlace?.();
    crash.releasePlace = null;
  }
}

async function hasBytes(file: FileHandle): Promise<boolean> {
  return (await file.stat()).size > 0;
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
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
