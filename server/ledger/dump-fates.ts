import type { CrashEvent } from '../../protocol/codec.ts';
import { startTicksOf } from '../../protocol/crash-id.ts';
import { type Dump, endedAtOnce, endOf, eventOfDump, isOurs, reasonOf } from './dump.ts';
import { DumpBook, monotonicMs } from './dump-book.ts';
import type { DumpLogLine } from './kernel-log-line.ts';
import { isRefusal, KernelWords, wordsOf } from './kernel-words.ts';
import type { LedgerParts } from './ledger-parts.ts';
import { recallDumps } from './recall-dumps.ts';

/** What the kernel's log and an event that overtook another may be late. */
export const GRACE_MS = 1_000;
/** The longest that is waited while crashes come one after the other, as they do after a storm. */
const LONGEST_MS = 15 * 60 * 1000;
/** Clocks of kernel and client may differ by so much. */
export const CLOCKS_MS = 2_000;

/**
 * What becomes of each dump: its crash comes, or the history gets a line here that says why it does not, with what the kernel's log has
 * of it.
 */
export class DumpFates {
  readonly book = new DumpBook();
  readonly words = new KernelWords();
  readonly #parts: Omit<LedgerParts, 'corePattern'>;
  readonly #bootId: string;
  readonly #patienceMs: number;
  /** Dumps of the server before, until it is known what that one has told of them. */
  #inherited: readonly Dump[] = [];
  /** When a crash came last, and how late a dump of these was. */
  #lastSeenMs = Number.NEGATIVE_INFINITY;
  #frontierMs = Number.NEGATIVE_INFINITY;
  readonly #counts = { dumps: 0, seen: 0, lost: 0, undumped: 0 };

  /** @param options `bootId`: 32 hex digits. `patienceMs`: how long after the end of a process its crash may come. */
  constructor(
    parts: Omit<LedgerParts, 'corePattern'>,
    { bootId, patienceMs }: { bootId: string; patienceMs: number },
  ) {
    this.#parts = parts;
    this.#bootId = bootId;
    this.#patienceMs = patienceMs;
  }

  get counts(): { dumps: number; seen: number; lost: number; open: number; undumped: number } {
    const { dumps, seen, lost, undumped } = this.#counts;
    return { dumps, seen, lost, open: dumps - seen - lost, undumped };
  }

  /** Takes over what the server before has left. */
  inherit(dumps: readonly Dump[]): void {
    for (const dump of dumps) this.book.add(dump);
    this.#counts.dumps += dumps.length;
    this.#inherited = dumps;
    this.#lastSeenMs = monotonicMs();
  }

  /** The kernel has begun one. */
  begin(dump: Dump): void {
    this.#parts.journal.add({ kind: 'dump', dump });
    this.book.add(dump);
    this.#counts.dumps += 1;
    this.#parts.changed();
  }

  /** A crash has come. @returns Whether the kernel had told of it. */
  came({ crashId, pid }: CrashEvent): boolean {
    const dump = this.book.ofCrash(pid, startTicksOf(crashId));
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
    this.book.saw(dump);
    this.#takeBack(dump, `it came after all: ${crashId}`);
    this.#parts.changed();
    return true;
  }

  /** Its line stands in the history. */
  written({ crashId, pid }: CrashEvent): void {
    const dump = this.book.ofCrash(pid, startTicksOf(crashId));
    if (dump !== null) dump.isWritten = true;
  }

  /**
   * Decides about the dumps of which nothing has come.
   *
   * @param options `graceMs`: after their end. `isLogRead`: whether what the kernel's log says of them would have been read.
   * @throws Node's error where the history, or what clients have kept, cannot be read.
   */
  async decide({ graceMs, isLogRead }: { graceMs: number; isLogRead: boolean }): Promise<void> {
    if (this.#inherited.length > 0) await this.#recall();
    const nowMs = monotonicMs();
    const overdue: Dump[] = [];
    for (const dump of [...this.book.open()]) {
      // Its crash may have come while a line was written.
      if (dump.state !== 'open') continue;
      const endMs = endOf(dump, nowMs, this.#patienceMs);
      if (endMs === null || nowMs - endMs < graceMs) continue;
      const line = this.words.of(dump, endMs) ?? this.#ofNamespace(dump, endMs);
      if (line !== null && isRefusal(line)) await this.#lose(dump, line, wordsOf(line));
      else if (isOurs(dump)) await this.#lose(dump, line, reasonOf(dump));
      else if (endedAtOnce(dump) && isLogRead && !this.words.mayBeLost(dump)) {
        const others = this.#ofOthers(dump);
        if (others === null) this.#neverBegan(dump);
        else await this.#lose(dump, line, others);
      } else if (this.#isOverdue(endMs, nowMs)) overdue.push(dump);
    }
    if (overdue.length > 0) await this.#settle(overdue);
    this.book.forgetOld(nowMs);
  }

  /** Nobody waits any more. @throws Nothing: what cannot be told is in the log. */
  async close(reason: string): Promise<void> {
    await Promise.all([...this.book.open()].map((dump) => this.#lose(dump, null, reason)));
  }

  /**
   * Those that a client has kept itself: their lines come with their reports.
   *
   * @throws Node's error where they cannot be read.
   */
  async markStored(): Promise<void> {
    for (const { crashId } of await this.#parts.kept()) {
      const [boot, pid, startTicks] = crashId.split('-');
      const dump = boot === this.#bootId ? this.book.ofCrash(Number(pid), Number(startTicks)) : null;
      if (dump?.state !== 'open') continue;
      this.book.saw(dump);
      this.#counts.seen += 1;
      this.#parts.changed();
    }
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
      const dump = startTicks === 0 ? null : this.book.ofCrash(event.pid, startTicks);
      // Others may have had its number before.
      if (dump === null || event.atUs < dump.atUs - CLOCKS_MS * 1000) continue;
      this.came(event);
      this.written(event);
    }
  }

  #takeBack(dump: Dump, reason: string): void {
    const { told } = dump;
    if (told === null) return;
    dump.told = null;
    void this.#parts.notes.note(told, { collected: 'withdrawn', reason });
  }

  /** Crashes come in the order in which they happened: one that a later one has overtaken will not come. */
  #isOverdue(endMs: number, nowMs: number): boolean {
    if (nowMs - endMs < this.#patienceMs) return false;
    const isOvertaken = this.#frontierMs > endMs + this.#patienceMs;
    return isOvertaken || nowMs - this.#lastSeenMs > this.#patienceMs || nowMs - endMs > LONGEST_MS;
  }

  async #settle(overdue: readonly Dump[]): Promise<void> {
    await this.markStored();
    for (const dump of overdue) {
      if (dump.state !== 'open') continue;
      const line = this.words.of(dump, dump.end?.atMs ?? monotonicMs());
      if (line !== null) await this.#lose(dump, line, wordsOf(line));
      else await this.#lose(dump, null, this.#ofOthers(dump) ?? reasonOf(dump));
    }
  }

  /** What the log says of a process in another pid namespace that was gone when we looked. */
  #ofNamespace(dump: Dump, endMs: number): DumpLogLine | null {
    if (dump.process !== null) return null;
    const isKnown = (pid: number): boolean => {
      const other = this.book.ofCrash(pid, 0);
      return other !== null && Math.abs(other.atMs - dump.atMs) < 2 * GRACE_MS;
    };
    return this.words.ofNobodyElse(dump, endMs, isKnown);
  }

  /** What the kernel says of others is likely of this one too, where its log had no room for more; null where it is not. */
  #ofOthers(dump: Dump): string | null {
    const others = dump.process?.isDumping === true ? null : this.words.ofOthers(dump);
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
