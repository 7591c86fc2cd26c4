import { readFileSync } from 'node:fs';
import { messageOf } from '../../errors/usercrash-error.ts';
import type { CrashEvent } from '../../protocol/codec.ts';
import { startTicksOf } from '../../protocol/crash-id.ts';
import { type Dump, isSameProcess } from './dump.ts';
import { monotonicMs } from './dump-book.ts';
import { CLOCKS_MS, DumpFates, GRACE_MS } from './dump-fates.ts';
import { type DyingProcess, dyingProcess } from './dying-process.ts';
import { GapNotes } from './gap-notes.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { DumpLogRecord } from './kernel-log-line.ts';
import { isRefusal } from './kernel-words.ts';
import type { LedgerOptions, LedgerParts, LedgerState } from './ledger-parts.ts';
import { type DumpEvents, isSubscribed, listenForDumps } from './listen-for-dumps.ts';
import type { ProcessEvent } from './process-event.ts';
import { type KernelLogWatch, watchKernelLog } from './watch-kernel-log.ts';

/** How often dumps of which nothing has come are looked at. */
const SWEEP_MS = 1_000;
/**
 * How long after the end of a process its crash may come, while no other does: a client asks for a report within a second of
 * its turn (GRANT_TIMEOUT_MS), and one that went on alone has kept its crash within 12 s (MissingCrashes).
 */
const PATIENCE_MS = 30_000;
/** core_pattern is read with the events, but not more often than this. */
const PATTERN_FRESH_MS = 50;
/** A server that has crashed while nobody listened, as it would have been found. */
const SERVER: DyingProcess = {
  ...{ comm: Buffer.from('usercrash-serve'), executable: Buffer.alloc(0), uid: 0, startTicks: 0 },
  ...{ namespacePids: [], isDumping: false, hasMemory: false },
};

/**
 * What the kernel did, held against what came of it. Each dump that the kernel begins is told by the process connector;
 * each crash that comes is told by {@link began} and {@link noted}. A dump of which nothing comes gets a history line
 * (dump-fates.ts). What the ledger itself may have missed is a gap.
 *
 * Where there is no connector, what the kernel's log says was skipped is told all the same.
 */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #dumps: { held: number | null; receiveBytes?: number };
  readonly #bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');
  readonly #fates: DumpFates;
  readonly #gaps: GapNotes;
  #events: DumpEvents | null = null;
  #kernelLog: KernelLogWatch | null = null;
  #sweeping: NodeJS.Timeout | null = null;
  #swept: Promise<void> = Promise.resolve();
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** When it was on, on the wall clock. */
  #onMs = Number.POSITIVE_INFINITY;
  /** Of the time in which no server ran the kernel's word has been kept in a socket: then its log is not all there is. */
  #isContinued = false;
  /** Pid of the server before, where that was killed or has crashed. */
  #killedPid: number | null = null;
  readonly #why = { events: '', kernelLog: '' };
  #state: 'starting' | 'on' | 'off' = 'starting';
  #missed = 0;

  constructor(
    parts: LedgerParts,
    { patienceMs = PATIENCE_MS, held = null, receiveBytes }: LedgerOptions = {},
  ) {
    this.#parts = parts;
    this.#fates = new DumpFates(parts, { bootId: this.#bootId, patienceMs });
    this.#dumps = { held, ...(receiveBytes === undefined ? {} : { receiveBytes }) };
    this.#gaps = new GapNotes(parts.notes, this.#bootId);
  }

  get state(): LedgerState {
    const why = [this.#why.events, this.#why.kernelLog].filter((text) => text !== '').join('; ');
    return {
      state: this.#state,
      why: why === '' ? null : why,
      ...this.#fates.counts,
      missed: this.#missed,
      gaps: this.#gaps.count,
    };
  }

  /**
   * @param killed The server before, where it did not end by itself and crashes came to it; null otherwise. `aliveMs`: when it was last
   *   alive, in milliseconds since the epoch; its journal may know better.
   */
  start(killed: { pid: number | null; aliveMs: number } | null): void {
    const { log, changed, journal } = this.#parts;
    const left = journal.open(this.#bootId);
    // Another server that runs will soon be noticed by its socket.
    const isAfterKill = killed !== null && left !== null;
    this.#isContinued = left !== null && isSubscribed(this.#dumps.held);
    this.#killedPid = killed?.pid ?? null;
    const startedMs = monotonicMs();
    const aliveMs = startedMs - (Date.now() - (left?.aliveMs ?? killed?.aliveMs ?? Date.now()));
    this.#fates.inherit(left?.dumps ?? []);
    for (const { line, atMs } of left?.said ?? []) this.#fates.words.add(line, atMs);
    // What was said while no server ran is of dumps that it alone tells of.
    const after = isAfterKill || this.#isContinued ? (left?.kernelLogSequence ?? null) : null;
    this.#kernelLog = watchKernelLog(
      {
        record: (record, from) => this.#said(record, from, from.isOld ? aliveMs : monotonicMs()),
        lost: () => this.#fates.words.lost(monotonicMs()),
        failed: (why) => {
          this.#why.kernelLog = why;
          log.warn('ledger-without-kernel-log', { why });
        },
      },
      after,
    );
    const { sequence } = this.#kernelLog;
    if (sequence !== null) journal.add({ kind: 'read', sequence });
    const listens = (isGapless: boolean): void => {
      if (!isAfterKill || isGapless) return;
      const gap = { fromMs: left.aliveMs ?? killed.aliveMs, toMs: Date.now() };
      void this.#gaps.between('no server ran', gap);
    };
    this.#events = listenForDumps(
      {
        began: (isGapless) => {
          this.#state = 'on';
          this.#onMs = Date.now();
          log.info('ledger-on', { isGapless });
          listens(isGapless);
          changed();
        },
        event: (event) => this.#happened(event),
        lost: () => this.#gaps.add("more of the kernel's events of dumps than there was room for"),
        failed: (why) => {
          this.#state = 'off';
          this.#why.events = why;
          log.warn('ledger-off', { why });
          listens(false);
          changed();
        },
      },
      this.#dumps,
    );
    this.#sweeping = setInterval(() => void this.#sweepInTurn(GRACE_MS), SWEEP_MS);
  }

  /** A client has a crash in hand. */
  began(event: CrashEvent): void {
    if (!event.crashId.startsWith(this.#bootId)) return;
    if (this.#sawCrash(event) || this.#state !== 'on') return;
    // Of the last moments before the ledger began, or a client that somebody has started by hand.
    if (event.atUs / 1000 < this.#onMs + CLOCKS_MS || this.#parts.corePattern.directs !== 'here') return;
    this.#missed += 1;
    this.#gaps.add('crashes came of which the kernel had told nothing');
  }

  /** The history is told something of a crash. */
  noted(event: CrashEvent): void {
    if (event.crashId.startsWith(this.#bootId)) this.#sawCrash(event);
  }

  /** That stands in the history. */
  written(event: CrashEvent): void {
    if (event.crashId.startsWith(this.#bootId)) this.#fates.written(event);
  }

  /** Decides about the dumps of which nothing has come. Never throws. */
  #sweepInTurn(graceMs: number): Promise<void> {
    this.#swept = this.#swept.then(() =>
      this.#sweep(graceMs).catch((error: unknown) => {
        this.#parts.log.error('ledger-failed', { error: messageOf(error) });
      }),
    );
    return this.#swept;
  }

  /** Ends it. Nobody waits any more for what is open then; should it come after all, the next server takes that back. */
  async stop(): Promise<void> {
    if (this.#sweeping !== null) clearInterval(this.#sweeping);
    this.#events?.drain();
    await this.#sweepInTurn(0);
    await this.#fates.markStored().catch((error: unknown) => {
      this.#parts.log.error('ledger-failed', { error: messageOf(error) });
    });
    this.#events?.close();
    this.#kernelLog?.close();
    await this.#fates.close('the server stopped before anything came of it');
    await this.#gaps.flush();
    this.#parts.journal.close();
  }

  #happened(event: Exclude<ProcessEvent, { kind: 'ack' }>): void {
    const running = this.#fates.book.running(event.pid);
    if (event.kind === 'exit') {
      if (running === null) return;
      const { atMs, signal, isDumped } = event;
      running.end = { atMs, signal, isDumped };
      this.#parts.journal.add({ kind: 'end', pid: running.pid, atMs: running.atMs, end: running.end });
      return;
    }
    const process = this.#processOf(event);
    // Several threads may die at once; a process whose end no event told may have left its number to another.
    if (running !== null && isSameProcess(running, process, event.atMs)) return;
    this.#begin({ pid: event.pid, tid: event.tid, atMs: event.atMs, end: null, process });
  }

  /** Where the event has waited for a server, its number may be another's by now. */
  #processOf({ pid, atMs }: { pid: number; atMs: number }): DyingProcess | null {
    const found = dyingProcess(pid);
    if (found !== null && this.#fates.book.wasStartedBy(found.startTicks, atMs)) return found;
    return pid === this.#killedPid ? SERVER : null;
  }

  #begin({ pid, tid, atMs, end, process }: Pick<Dump, 'pid' | 'tid' | 'atMs' | 'end' | 'process'>): void {
    const nowMs = monotonicMs();
    const { corePattern } = this.#parts;
    if (nowMs - this.#lookedMs > PATTERN_FRESH_MS) {
      corePattern.look();
      this.#lookedMs = nowMs;
    }
    const { directs } = corePattern;
    if (directs === 'not our business') return;
    if (this.#fates.book.isFull) {
      this.#gaps.add('more dumps at once than the ledger remembers');
      return;
    }
    this.#fates.begin({
      pid,
      tid,
      atMs,
      atUs: Math.round((Date.now() - (nowMs - atMs)) * 1000),
      process,
      lookedAtMs: nowMs,
      otherPattern: directs === 'elsewhere' ? corePattern.state.corePattern.now : null,
      end,
      state: 'open',
      told: null,
      isWritten: false,
    });
  }

  /** @param sinceMs It was written between this and now. */
  #said(
    record: DumpLogRecord,
    { sequence, isOld }: { sequence: number; isOld: boolean },
    sinceMs: number,
  ): void {
    const atMs = monotonicMs();
    if (record.kind === 'line') {
      this.#fates.words.add(record.line, atMs, sinceMs);
      this.#parts.journal.add({ kind: 'said', sequence, line: record.line, atMs });
    }
    if (this.#state === 'on' || (this.#state === 'starting' && this.#isContinued)) return;
    // The log is all there is.
    if (record.kind === 'suppressed') {
      this.#gaps.add(`${record.count} lines of the kernel's log about dumps were not written`);
    } else if (isRefusal(record.line)) {
      const { pid } = record.line;
      const last = this.#fates.book.ofCrash(pid, 0);
      // Another line about it.
      if (last !== null && (last.state === 'open' || atMs - last.atMs < GRACE_MS)) return;
      const end = { atMs, signal: null, isDumped: false };
      this.#begin({ pid, tid: pid, atMs, end, process: isOld ? null : dyingProcess(pid) });
    }
  }

  /** @returns Whether the kernel had told of it. */
  #sawCrash(event: CrashEvent): boolean {
    if (startTicksOf(event.crashId) !== 0 && this.#fates.came(event)) return true;
    // The kernel speaks before any client, but may not have been listened to yet.
    this.#events?.drain();
    return this.#fates.came(event);
  }

  async #sweep(graceMs: number): Promise<void> {
    this.#kernelLog?.drain();
    await this.#fates.decide({ graceMs, isLogRead: this.#why.kernelLog === '' });
    this.#parts.journal.keep(() => this.#known());
  }

  *#known(): Iterable<JournalEntry> {
    const sequence = this.#kernelLog?.sequence;
    if (sequence != null) yield { kind: 'read', sequence };
    for (const dump of this.#fates.book.unsettled()) yield { kind: 'dump', dump };
  }
}
