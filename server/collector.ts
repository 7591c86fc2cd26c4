import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import type { Completed, CrashEvent } from '../protocol/codec.ts';
import { reportOwnership } from '../report/pending-files.ts';
import type { AnalysisQueue } from './analysis-queue.ts';
import type { CrashNotes } from './crash-notes.ts';
import type { RunningLedger } from './ledger/start-ledger.ts';
import type { LogDirectory } from './log-directory.ts';
import type { MissingCrashes } from './missing-crashes.ts';
import type { ModuleFiles, ReceivedFile } from './module-files.ts';
import type { PendingStore } from './pending-store.ts';
import type { PublishedReport, Publisher } from './publisher.ts';
import type { Repeat, RepeatLimiter } from './repeat-limiter.ts';
import { ReportFiles } from './report-files.ts';
import type { Retention } from './retention.ts';
import type { Spool } from './spool.ts';
import { WAITS, WaitingCrashes } from './waiting-crashes.ts';

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
  /** Patterns of programs whose crashes are only counted. */
  excluded: readonly string[];
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

/** How long a process that was killed may take to close what it has open. */
const LET_GO_MS = 1_000;

/**
 * What happens to crashes that a conversation has in hand; waiting-crashes.ts has those in `.pending`. Every crash that is begun here ends
 * in a history line: published, or lost with a reason. Where it has several, the last one is true: a crash that waits has
 * one that says so, and one that was thought to be lost may still come.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #directory: LogDirectory;
  readonly #store: PendingStore;
  readonly #notes: CrashNotes;
  readonly #publisher: Publisher;
  readonly #missing: MissingCrashes;
  readonly #moduleFiles: ModuleFiles;
  readonly #queue: AnalysisQueue;
  readonly #ledger: CollectorParts['ledger'];
  readonly #repeats: RepeatLimiter;
  readonly #retention: Retention;
  /** Those that nobody has in hand. */
  readonly waitingCrashes: WaitingCrashes;
  /** Crashes that a conversation has in hand: `.pending` is not to be searched for them. */
  readonly #inHand = new Set<string>();

  constructor(options: CollectorOptions, parts: CollectorParts) {
    this.#options = options;
    this.#directory = parts.directory;
    this.#store = parts.store;
    this.#notes = parts.notes;
    this.#publisher = parts.publisher;
    this.#missing = parts.missing;
    this.#moduleFiles = parts.moduleFiles;
    this.#queue = parts.queue;
    this.#ledger = parts.ledger;
    this.#repeats = parts.repeats;
    this.#retention = parts.retention;
    this.waitingCrashes = new WaitingCrashes(options, parts, this);
  }

  /** Crashes that wait for their analysis. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  isInHand(crashId: string): boolean {
    return this.#inHand.has(crashId);
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
    const event = await this.#store.knownOf(crashId);
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
    await this.waitingCrashes.note(crashId, end.noRoom ? `no room for its report: ${end.reason}` : WAITS);
    if (end.noRoom) this.#queue.pause();
    if (end.isFinal) return this.#queue.add(crashId);
    await this.waitingCrashes.takeUp(crashId);
    // One that was killed lets go of its files a moment after its connection.
    if (!this.#queue.has(crashId))
      setTimeout(() => void this.waitingCrashes.takeUp(crashId), LET_GO_MS).unref();
  }

  /** Whether clients are gone that may still keep their crashes in `.pending`. */
  get isMissingAny(): boolean {
    return this.#missing.count > 0;
  }

  /** Decides now about the crashes whose clients went away: nobody comes any more. */
  settleMissing(): Promise<void> {
    return this.#missing.settleAll();
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
