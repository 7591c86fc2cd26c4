import { readFileSync } from 'node:fs';
import { messageOf } from '../../errors/usercrash-error.ts';
import type { CrashEvent } from '../../protocol/codec.ts';
import { startTicksOf } from '../../protocol/crash-id.ts';
import { type Dump, endedAtOnce, endOf, eventOfDump, isOurs, isSameProcess, reasonOf } from './dump.ts';
import { DumpBook, monotonicMs } from './dump-book.ts';
import { type DyingProcess, dyingProcess } from './dying-process.ts';
import { GapNotes } from './gap-notes.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { DumpLogLine, DumpLogRecord } from './kernel-log-line.ts';
import { isRefusal, KernelWords, wordsOf } from './kernel-words.ts';
import type { LedgerOptions, LedgerParts, LedgerState } from './ledger-parts.ts';
import { type DumpEvents, isSubscribed, listenForDumps } from './listen-for-dumps.ts';
import type { ProcessEvent } from './process-event.ts';
import { recallDumps } from './recall-dumps.ts';
import { type KernelLogWatch, watchKernelLog } from './watch-kernel-log.ts';

/** How often dumps of which nothing has come are looked at. */
const SWEEP_MS = 1_000;
/** What the kernel's log and an event that overtook another may be late. */
const GRACE_MS = 1_000;
/**
 * How long after the end of a process its crash may come, while no other does: a client asks for a report within a second of
 * its turn (GRANT_TIMEOUT_MS), and one that went on alone has kept its crash within 12 s (MissingCrashes).
 */
const PATIENCE_MS = 30_000;
/** The longest that is waited while crashes come one after the other, as they do after a storm. */
const LONGEST_MS = 15 * 60 * 1000;
/** core_pattern is read with the events, but not more often than this. */
const PATTERN_FRESH_MS = 50;
/** A server that has crashed while nobody listened, as it would have been found. */
const SERVER: DyingProcess = {
  ...{ comm: Buffer.from('usercrash-serve'), executable: Buffer.alloc(0), uid: 0, startTicks: 0 },
  ...{ namespacePids: [], isDumping: false, hasMemory: false },
};
/** A crash of before the ledger began has no event; clocks of kernel and client may differ by so much. */
const BEGINNING_MS = 2_000;

/**
 * What the kernel did, held against what came of it. Each dump that the kernel begins is told by the process connector;
 * each crash that comes is told by {@link began} and {@link noted}. A dump of which nothing comes gets a history line
 * here, with the reason that the kernel's log has, if it has one. What the ledger itself may have missed is a gap.
 *
 * Where there is no connector, what the kernel's log says was skipped is told all the same.
 */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #patienceMs: number;
  readonly #dumps: { held: number | null; receiveBytes?: number };
  readonly #bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().replaceAll('-', '');
  readonly #book = new DumpBook();
  readonly #words = new KernelWords();
  readonly #gaps: GapNotes;
  #events: DumpEvents | null = null;
  #kernelLog: KernelLogWatch | null = null;
  /** Dumps of the server before, until it is known what that one has told of them. */
  #inherited: readonly Dump[] = [];
  #sweeping: NodeJS.Timeout | null = null;
  #swept: Promise<void> = Promise.resolve();
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** When it was on, on the wall clock. */
  #onMs = Number.POSITIVE_INFINITY;
  /** Of the time in which no server ran the kernel's word has been kept in a socket: then its log is not all there is. */
  #isContinued = false;
  /** Pid of the server before, where that was killed or has crashed. */
  #killedPid: number | null = null;
  /** When a crash came last, and how late a dump of these was. */
  #lastSeenMs = Number.NEGATIVE_INFINITY;
  #frontierMs = Number.NEGATIVE_INFINITY;
  readonly #why = { events: '', kernelLog: '' };
  #state: 'starting' | 'on' | 'off' = 'starting';
  readonly #counts = { dumps: 0, seen: 0, lost: 0, undumped: 0, missed: 0 };

  constructor(
    parts: LedgerParts,
    { patienceMs = PATIENCE_MS, held = null, receiveBytes }: LedgerOptions = {},
  ) {
    this.#parts = parts;
    this.#patienceMs = patienceMs;
    this.#dumps = { held, ...(receiveBytes === undefined ? {} : { receiveBytes }) };
    this.#gaps = new GapNotes(parts.notes, this.#bootId);
  }

  get state(): LedgerState {
    const why = [this.#why.events, this.#why.kernelLog].filter((text) => text !== '').join('; ');
    const { dumps, seen, lost, undumped, missed } = this.#counts;
    return {
      state: this.#state,
      why: why === '' ? null : why,
      dumps,
      seen,
      lost,
      open: dumps - seen - lost,
      undumped,
      missed,
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
    this.#inherit(left?.dumps ?? []);
    for (const { line, atMs } of left?.said ?? []) this.#words.add(line, atMs);
    // What was said while no server ran is of dumps that it alone tells of.
    const after = isAfterKill || this.#isContinued ? (left?.kernelLogSequence ?? null) : null;
    this.#kernelLog = watchKernelLog(
      {
        record: (record, from) => this.#said(record, from, from.isOld ? aliveMs : monotonicMs()),
        lost: () => this.#words.lost(monotonicMs()),
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
    if (event.atUs / 1000 < this.#onMs + BEGINNING_MS || this.#parts.corePattern.directs !== 'here') return;
    this.#counts.missed += 1;
    this.#gaps.add('crashes came of which the kernel had told nothing');
  }

  /** The history is told something of a crash. */
  noted(event: CrashEvent): void {
    if (event.crashId.startsWith(this.#bootId)) this.#sawCrash(event);
  }

  /** That stands in the history. */
  written({ crashId, pid }: CrashEvent): void {
    if (!crashId.startsWith(this.#bootId)) return;
    const dump = this.#book.ofCrash(pid, startTicksOf(crashId));
    if (dump !== null) dump.isWritten = true;
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
    await this.#markStored().catch((error: unknown) => {
      this.#parts.log.error('ledger-failed', { error: messageOf(error) });
    });
    this.#events?.close();
    this.#kernelLog?.close();
    const open = [...this.#book.open()];
    await Promise.all(
      open.map((dump) => this.#lose(dump, null, 'the server stopped before anything came of it')),
    );
    await this.#gaps.flush();
    this.#parts.journal.close();
  }

  #inherit(dumps: readonly Dump[]): void {
    for (const dump of dumps) this.#book.add(dump);
    this.#counts.dumps += dumps.length;
    this.#inherited = dumps;
    this.#lastSeenMs = monotonicMs();
  }

  /** Sorts out what the server before has told of. @throws Node's error where the history cannot be read. */
  async #recall(): Promise<void> {
    const dumps = this.#inherited;
    this.#inherited = [];
    const { lost, crashes } = await recallDumps(dumps, { bootId: this.#bootId, told: this.#parts.told });
    for (const { dump, told } of lost) {
      dump.told = told;
      if (dump.state === 'seen') this.#takeBack(dump, 'it came after all');
      if (dump.state !== 'open') continue;
      dump.state = 'lost';
      this.#counts.lost += 1;
    }
    for (const event of crashes) {
      const startTicks = startTicksOf(event.crashId);
      const dump = startTicks === 0 ? null : this.#book.ofCrash(event.pid, startTicks);
      // Others may have had its number before.
      if (dump === null || event.atUs < dump.atUs - BEGINNING_MS * 1000) continue;
      this.noted(event);
      this.written(event);
    }
  }

  #takeBack(dump: Dump, reason: string): void {
    const { told } = dump;
    if (told === null) return;
    dump.told = null;
    void this.#parts.notes.note(told, { collected: 'withdrawn', reason });
  }

  #happened(event: Exclude<ProcessEvent, { kind: 'ack' }>): void {
    const running = this.#book.running(event.pid);
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
    if (found !== null && this.#book.wasStartedBy(found.startTicks, atMs)) return found;
    return pid === this.#killedPid ? SERVER : null;
  }

  #begin({ pid, tid, atMs, end, process }: Pick<Dump, 'pid' | 'tid' | 'atMs' | 'end' | 'process'>): void {
    const nowMs = monotonicMs();
    const { corePattern, changed } = this.#parts;
    if (nowMs - this.#lookedMs > PATTERN_FRESH_MS) {
      corePattern.look();
      this.#lookedMs = nowMs;
    }
    const { directs } = corePattern;
    if (directs === 'not our business') return;
    if (this.#book.isFull) {
      this.#gaps.add('more dumps at once than the ledger remembers');
      return;
    }
    const dump: Dump = {
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
    };
    this.#parts.journal.add({ kind: 'dump', dump });
    this.#book.add(dump);
    this.#counts.dumps += 1;
    changed();
  }

  /** @param sinceMs It was written between this and now. */
  #said(
    record: DumpLogRecord,
    { sequence, isOld }: { sequence: number; isOld: boolean },
    sinceMs: number,
  ): void {
    const atMs = monotonicMs();
    if (record.kind === 'line') {
      this.#words.add(record.line, atMs, sinceMs);
      this.#parts.journal.add({ kind: 'said', sequence, line: record.line, atMs });
    }
    if (this.#state === 'on' || (this.#state === 'starting' && this.#isContinued)) return;
    // The log is all there is.
    if (record.kind === 'suppressed') {
      this.#gaps.add(`${record.count} lines of the kernel's log about dumps were not written`);
    } else if (isRefusal(record.line)) {
      const { pid } = record.line;
      const last = this.#book.ofCrash(pid, 0);
      // Another line about it.
      if (last !== null && (last.state === 'open' || atMs - last.atMs < GRACE_MS)) return;
      const end = { atMs, signal: null, isDumped: false };
      this.#begin({ pid, tid: pid, atMs, end, process: isOld ? null : dyingProcess(pid) });
    }
  }

  /** @returns Whether the kernel had told of it. */
  #sawCrash({ crashId, pid }: CrashEvent): boolean {
    const startTicks = startTicksOf(crashId);
    let dump = startTicks === 0 ? null : this.#book.ofCrash(pid, startTicks);
    if (dump === null) {
      // The kernel speaks before any client, but may not have been listened to yet.
      this.#events?.drain();
      dump = this.#book.ofCrash(pid, startTicks);
    }
    if (dump === null) return false;
    if (dump.told?.crashId === crashId) return true; // It is we who told.
    this.#lastSeenMs = monotonicMs();
    this.#frontierMs = Math.max(this.#frontierMs, dump.atMs);
    if (dump.state === 'seen') return true;
    if (dump.state === 'lost') this.#counts.lost -= 1;
    if (dump.state === 'undumped') {
      this.#counts.dumps += 1;
      this.#counts.undumped -= 1;
    }
    this.#counts.seen += 1;
    this.#book.saw(dump);
    this.#takeBack(dump, `it came after all: ${crashId}`);
    this.#parts.changed();
    return true;
  }

  async #sweep(graceMs: number): Promise<void> {
    if (this.#inherited.length > 0) await this.#recall();
    this.#kernelLog?.drain();
    const nowMs = monotonicMs();
    const overdue: Dump[] = [];
    for (const dump of [...this.#book.open()]) {
      // Its crash may have come while a line was written.
      if (dump.state !== 'open') continue;
      const endMs = endOf(dump, nowMs, this.#patienceMs);
      if (endMs === null || nowMs - endMs < graceMs) continue;
      const line = this.#words.of(dump, endMs) ?? this.#ofNamespace(dump, endMs);
      if (line !== null && isRefusal(line)) await this.#lose(dump, line, wordsOf(line));
      else if (isOurs(dump)) await this.#lose(dump, line, reasonOf(dump));
      else if (endedAtOnce(dump) && this.#why.kernelLog === '' && !this.#words.mayBeLost(dump)) {
        const others = this.#ofOthers(dump);
        if (others === null) this.#neverBegan(dump);
        else await this.#lose(dump, line, others);
      } else if (this.#isOverdue(endMs, nowMs)) overdue.push(dump);
    }
    if (overdue.length > 0) await this.#settle(overdue);
    this.#book.forgetOld(nowMs);
    this.#parts.journal.keep(() => this.#known());
  }

  *#known(): Iterable<JournalEntry> {
    const sequence = this.#kernelLog?.sequence;
    if (sequence != null) yield { kind: 'read', sequence };
    for (const dump of this.#book.unsettled()) yield { kind: 'dump', dump };
  }

  /** Crashes come in the order in which they happened: one that a later one has overtaken will not come. */
  #isOverdue(endMs: number, nowMs: number): boolean {
    if (nowMs - endMs < this.#patienceMs) return false;
    const isOvertaken = this.#frontierMs > endMs + this.#patienceMs;
    return isOvertaken || nowMs - this.#lastSeenMs > this.#patienceMs || nowMs - endMs > LONGEST_MS;
  }

  async #settle(overdue: readonly Dump[]): Promise<void> {
    await this.#markStored();
    for (const dump of overdue) {
      if (dump.state !== 'open') continue;
      const line = this.#words.of(dump, dump.end?.atMs ?? monotonicMs());
      if (line !== null) await this.#lose(dump, line, wordsOf(line));
      else await this.#lose(dump, null, this.#ofOthers(dump) ?? reasonOf(dump));
    }
  }

  /** Those that a client has kept itself: their lines come with their reports. */
  async #markStored(): Promise<void> {
    for (const { crashId } of await this.#parts.kept()) {
      const [boot, pid, startTicks] = crashId.split('-');
      const dump = boot === this.#bootId ? this.#book.ofCrash(Number(pid), Number(startTicks)) : null;
      if (dump?.state !== 'open') continue;
      this.#book.saw(dump);
      this.#counts.seen += 1;
      this.#parts.changed();
    }
  }

  /** What the log says of a process in another pid namespace that was gone when we looked. */
  #ofNamespace(dump: Dump, endMs: number): DumpLogLine | null {
    if (dump.process !== null) return null;
    const isKnown = (pid: number): boolean => {
      const other = this.#book.ofCrash(pid, 0);
      return other !== null && Math.abs(other.atMs - dump.atMs) < 2 * GRACE_MS;
    };
    return this.#words.ofNobodyElse(dump, endMs, isKnown);
  }

  /** What the kernel says of others is likely of this one too, where its log had no room for more; null where it is not. */
  #ofOthers(dump: Dump): string | null {
    const others = dump.process?.isDumping === true ? null : this.#words.ofOthers(dump);
    return others === null ? null : `${others}, the kernel says of others of that moment`;
  }

  #neverBegan(dump: Dump): void {
    dump.state = 'undumped';
    this.#parts.journal.add({ kind: 'undumped', pid: dump.pid, atMs: dump.atMs });
    this.#counts.dumps -= 1;
    this.#counts.undumped += 1;
    this.#parts.log.debug('not-dumped', { pid: dump.pid });
    this.#parts.changed();
  }

  async #lose(dump: Dump, line: DumpLogLine | null, reason: string): Promise<void> {
    dump.state = 'lost';
    this.#counts.lost += 1;
    const told = eventOfDump(dump, { bootId: this.#bootId, comm: line?.comm ?? null });
    dump.told = told;
    await this.#parts.notes.note(told, { collected: 'not collected', reason });
    this.#parts.changed();
  }
}
