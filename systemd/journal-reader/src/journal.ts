import {
  checkBootId,
  checkCount,
  checkCursor,
  checkFieldName,
  checkLimit,
  checkMatchValue,
  checkRealtime,
  checkSkip,
  checkTime,
  cursorError,
  demand,
} from './check-arguments.ts';
import {
  checkFollowOptions,
  checkOpenOptions,
  checkReadOptions,
  checkWaitOptions,
  checkWalkOptions,
} from './check-options.ts';
import { type FollowOptions, followJournal } from './follow-journal.ts';
import type { JournalEntry } from './journal-entry.ts';
import { failedCall, JournalError } from './journal-error.ts';
import type { JournalField } from './journal-field.ts';
import { type Libsystemd, libsystemd } from './libsystemd.ts';
import { type Boot, listBoots } from './list-boots.ts';
import { listFieldNames, listUniqueValues } from './list-values.ts';
import { result, resultAddress } from './native-memory.ts';
import { type OpenOptions, openJournal } from './open-options.ts';
import {
  MAX_NAME_BYTES,
  type ReadLimits,
  type ReadOptions,
  readCursor,
  readEntry,
  readRealtime,
} from './read-entry.ts';
import { type Change, startWatching, type Wait, type WaitOptions, waitForChange } from './wait-for-change.ts';

const DEFAULT_MAX_FIELD_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_ENTRY_BYTES = 64 * 1024 * 1024;
/** Nobody else has it: the types forbid `new Journal()`, JavaScript does not. */
const FROM_HERE = Symbol('Journal.open');
/** What libsystemd returns for text that is no cursor. */
const EINVAL = -22;

/** How to walk over entries. */
export interface WalkOptions extends ReadOptions {
  /** Default: forward, to newer ones. */
  direction?: 'forward' | 'backward';
  /** At most so many. Default: all. */
  limit?: number;
}

/**
 * The systemd journal, read in place by libsystemd: a position in a row of entries, in the order of time.
 *
 * The position is before the first entry after opening, or where a seek put it; `next()` and `previous()` move it on
 * to an entry. One journal has one position: two loops at once over the same one take entries from each other, so
 * open it twice. Reading is synchronous, {@link wait} and {@link follow} are not. Not for use from several threads.
 *
 * What is wrong is thrown as a {@link JournalError}: by every member E_JOURNAL_CLOSED after {@link close}, by those with
 * arguments E_JOURNAL_OPTIONS for one that cannot be meant, by those that ask libsystemd E_JOURNAL_CALL for what it refuses
 * for a reason of its own, and E_JOURNAL_CORRUPT for damaged files. Further codes stand at the member.
 *
 * @example
 * using journal = Journal.open();
 * journal.addMatch('_SYSTEMD_UNIT', 'ssh.service').seekTail();
 * for (const entry of journal.entries({ direction: 'backward', limit: 10 })) console.log(entry.message);
 */
export class Journal {
  readonly #lib: Libsystemd;
  readonly #options: OpenOptions;
  readonly #limits: ReadLimits;
  #address: number | null;
  #wait: Wait | null = null;
  #isWatching = false;

  private constructor(from: symbol, lib: Libsystemd, options: OpenOptions) {
    if (from !== FROM_HERE)
      throw new JournalError('E_JOURNAL_OPTIONS', 'new Journal() opens nothing, use Journal.open(options)');
    this.#lib = lib;
    this.#options = options;
    this.#limits = {
      maxFieldBytes: checkLimit('maxFieldBytes', options.maxFieldBytes ?? DEFAULT_MAX_FIELD_BYTES),
      maxEntryBytes: checkLimit('maxEntryBytes', options.maxEntryBytes ?? DEFAULT_MAX_ENTRY_BYTES),
    };
    this.#address = openJournal(lib, options);
    // One byte over the limit, so that a compressed value shows that it was cut.
    lib.setDataThreshold(this.#address, this.#limits.maxFieldBytes + MAX_NAME_BYTES + 1);
  }

  /**
   * Opens a journal; without options all of this machine's that the user may read. Close it, or say `using`.
   *
   * A machine without a journal, or a user without the right to read it, gives a journal without entries:
   * {@link hasFiles} tells.
   *
   * @throws {JournalError} E_JOURNAL_LIBRARY, E_JOURNAL_OPTIONS, and for a directory or files E_JOURNAL_NOT_FOUND,
   *   E_JOURNAL_ACCESS, E_JOURNAL_CORRUPT.
   */
  static open(options: OpenOptions = {}): Journal {
    checkOpenOptions(options);
    return new Journal(FROM_HERE, libsystemd(options.library), options);
  }

  /** Lets go of the files. Ends a wait that is under way. Every later call throws E_JOURNAL_CLOSED, but for this one. */
  close(): void {
    if (this.#address === null) return;
    this.#wait?.cancel(closedError());
    this.#lib.close(this.#address);
    this.#address = null;
  }

  /** Closes it at the end of a block that says `using` or `await using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether {@link close} was called. */
  get isClosed(): boolean {
    return this.#address === null;
  }

  /**
   * Lets only entries pass that have `field` with exactly this value. Several matches on one field are alternatives,
   * on different fields all must hold; {@link or} and {@link and} combine further: sd_journal_add_match(3). They hold
   * from the next move on.
   *
   * @param field Upper-case letters, digits and underscores, e.g. `_SYSTEMD_UNIT`.
   * @param value A string is meant in UTF-8, a whole number in decimal; bytes may be anything.
   */
  addMatch(field: JournalField, value: string | number | Uint8Array): this {
    checkFieldName(field);
    const data = Buffer.concat([Buffer.from(`${field}=`, 'latin1'), checkMatchValue(value)]);
    demand('sd_journal_add_match', this.#lib.addMatch(this.#open, data, data.length));
    return this;
  }

  /** What was added so far (since the last {@link and}), or what is added from now on. */
  or(): this {
    demand('sd_journal_add_disjunction', this.#lib.addDisjunction(this.#open));
    return this;
  }

  /** What was added so far, and also what is added from now on. */
  and(): this {
    demand('sd_journal_add_conjunction', this.#lib.addConjunction(this.#open));
    return this;
  }

  /** Lets all entries pass again. */
  clearMatches(): this {
    this.#lib.flushMatches(this.#open);
    return this;
  }

  /** Puts the position before the oldest entry. */
  seekHead(): this {
    demand('sd_journal_seek_head', this.#lib.seekHead(this.#open));
    return this;
  }

  /** Puts the position behind the newest entry there is: `previous()` then gives it. */
  seekTail(): this {
    demand('sd_journal_seek_tail', this.#lib.seekTail(this.#open));
    return this;
  }

  /**
   * Puts the position at a time: `next()` then gives the first entry at or after it, `previous()` the last at or
   * before it.
   *
   * @param time Microseconds since 1970-01-01 UTC, below 2^53 (the year 2255), or a Date.
   */
  seekRealtime(time: number | Date): this {
    demand('sd_journal_seek_realtime_usec', this.#lib.seekRealtime(this.#open, checkRealtime(time)));
    return this;
  }

  /**
   * Puts the position at a time of one boot, by the clock that nobody sets; `next()` and `previous()` as after
   * {@link seekRealtime}. In a journal of several boots add a match on `_BOOT_ID` before it: libsystemd looks into each
   * file by itself, and goes to the end of one that has nothing of that boot (find_location_with_matches()).
   *
   * @param bootId 32 hex digits, e.g. {@link JournalEntry.bootId}.
   * @param us Microseconds since that boot, below 2^53, e.g. {@link JournalEntry.monotonicUs}.
   */
  seekMonotonic(bootId: string, us: number): this {
    const status = this.#lib.seekMonotonic(this.#open, checkBootId(bootId), checkTime(us));
    demand('sd_journal_seek_monotonic_usec', status);
    return this;
  }

  /**
   * Puts the position at an entry, or where it would be if it is gone: `next()` and `previous()` then both give that
   * entry if it is there ({@link isAtCursor} tells), else its neighbour.
   *
   * @param cursor From {@link cursor}, of this journal at any time.
   * @throws {JournalError} E_JOURNAL_CURSOR
   */
  seekCursor(cursor: string): this {
    const status = this.#lib.seekCursor(this.#open, checkCursor(cursor));
    if (status === EINVAL) throw cursorError(cursor, 'EINVAL');
    demand('sd_journal_seek_cursor', status);
    return this;
  }

  /** Whether the position is on the entry that `cursor` means. Errors as in {@link seekCursor} and {@link entry}. */
  isAtCursor(cursor: string): boolean {
    const status = this.#lib.testCursor(this.#open, checkCursor(cursor));
    if (status === EINVAL) throw cursorError(cursor, 'EINVAL');
    demand('sd_journal_test_cursor', status);
    return status > 0;
  }

  /** Moves to the next newer entry that matches. @returns false at the end; the position stays where it was. */
  next(): boolean {
    const status = this.#lib.next(this.#open);
    if (status < 0) throw failedCall('sd_journal_next', status);
    return status > 0;
  }

  /** Moves to the next older entry that matches. @returns false at the beginning. */
  previous(): boolean {
    const status = this.#lib.previous(this.#open);
    if (status < 0) throw failedCall('sd_journal_previous', status);
    return status > 0;
  }

  /**
   * Moves over several entries at once.
   *
   * @param count To newer ones, or where negative to older ones; less than 2^31.
   * @returns How many it moved, without a sign: less than asked at either end.
   */
  skip(count: number): number {
    if (checkSkip(count) === 0) return 0;
    const [name, moved] =
      count > 0
        ? ['sd_journal_next_skip', this.#lib.nextSkip(this.#open, count)]
        : ['sd_journal_previous_skip', this.#lib.previousSkip(this.#open, -count)];
    demand(name, moved);
    return moved;
  }

  /**
   * The entry at the position.
   *
   * @throws {JournalError} E_JOURNAL_NO_ENTRY before the first move and after a seek, E_JOURNAL_CORRUPT.
   */
  entry(options: ReadOptions = {}): JournalEntry {
    checkReadOptions(options);
    return readEntry(this.#lib, this.#open, { ...options, limits: this.#limits });
  }

  /** When the entry at the position was received, in µs since 1970, without reading the rest. Errors as {@link entry}. */
  get realtimeUs(): number {
    return readRealtime(this.#lib, this.#open);
  }

  /** Text that names the entry at the position for ever. Errors as {@link entry}. */
  get cursor(): string {
    return readCursor(this.#lib, this.#open);
  }

  /** The entries from the position on, one by one: stop whenever you like and go on later. */
  entries(options: WalkOptions = {}): Generator<JournalEntry, void, void> {
    checkWalkOptions(options);
    return this.#walk(options);
  }

  /** Apart, so that wrong options are told of by the call and not by the first step. */
  *#walk(options: WalkOptions): Generator<JournalEntry, void, void> {
    const { direction = 'forward', limit = Number.POSITIVE_INFINITY, ...rest } = options;
    const read = { ...rest, limits: this.#limits };
    for (let count = 0; count < limit; count++) {
      if (!(direction === 'forward' ? this.next() : this.previous())) return;
      yield readEntry(this.#lib, this.#open, read);
    }
  }

  /** {@link entries}, forward. */
  [Symbol.iterator](): Generator<JournalEntry, void, void> {
    return this.entries();
  }

  /**
   * The entries from the position on, and then each new one as it comes, until the loop is left, the signal is given
   * or the journal is closed, which ends it without an error. For new ones only, call {@link seekEnd} first. Timers and I/O go on while it waits, and
   * have a turn every 10 ms while it reads.
   */
  follow(options: FollowOptions = {}): AsyncGenerator<JournalEntry, void, void> {
    checkFollowOptions(options);
    if (this.isClosed) throw closedError();
    return followJournal(this, options);
  }

  /** {@link follow}. */
  [Symbol.asyncIterator](): AsyncGenerator<JournalEntry, void, void> {
    return this.follow();
  }

  /**
   * Puts the position on the newest entry that matches, so that `next()` and {@link follow} give only what comes
   * later. ({@link seekTail} and `next()` would give the newest one once more, or nothing ever.)
   */
  seekEnd(): this {
    this.#startWatching();
    if (!this.seekTail().previous()) this.seekHead();
    return this;
  }

  /**
   * Waits until the journal changes. The event loop goes on; the promise keeps the program running.
   *
   * @returns `invalidated` at once the first time, as there is no knowing what happened before.
   * @throws {JournalError} E_JOURNAL_BUSY while another wait is under way, E_JOURNAL_CLOSED when the journal is
   *   closed meanwhile; the signal's reason when that is given.
   */
  async wait(options: WaitOptions = {}): Promise<Change> {
    checkWaitOptions(options);
    const address = this.#open;
    options.signal?.throwIfAborted();
    if (this.#wait !== null)
      throw new JournalError('E_JOURNAL_BUSY', 'another wait on this journal is under way');
    if (!this.#isWatching) return this.#startWatching();
    const wait = waitForChange(this.#lib, address, options);
    this.#wait = wait;
    try {
      return await wait.change;
    } finally {
      this.#wait = null;
    }
  }

  /**
   * Every different value that a field has in this journal. Matches do not count.
   *
   * @param limit At most so many. Default: all.
   */
  uniqueValues(field: JournalField, limit: number = Number.POSITIVE_INFINITY): Buffer[] {
    checkFieldName(field);
    checkCount('limit', limit);
    const { maxFieldBytes } = this.#limits;
    return listUniqueValues(this.#lib, this.#open, { field, limit, maxFieldBytes });
  }

  /** The names of all fields in this journal. */
  fieldNames(): string[] {
    return listFieldNames(this.#lib, this.#open);
  }

  /** Every boot that this journal has entries of, oldest first. Matches and position stay as they are. */
  boots(): Boot[] {
    if (this.isClosed) throw closedError();
    const journal = new Journal(FROM_HERE, this.#lib, this.#options);
    try {
      return listBoots(journal);
    } finally {
      journal.close();
    }
  }

  /** What all its files take up on disk, in bytes. */
  usageBytes(): number {
    demand('sd_journal_get_usage', this.#lib.getUsage(this.#open, resultAddress(0)));
    return result(0);
  }

  /**
   * Whether there is anything to read: files that last (/var/log/journal), files of this boot (/run/log/journal).
   * Both are false on a machine without a journal and for a user without the right to read one. Says nothing about
   * a directory or files that were named.
   */
  get hasFiles(): { persistent: boolean; runtime: boolean } {
    const persistent = this.#lib.hasPersistentFiles(this.#open) > 0;
    return { persistent, runtime: this.#lib.hasRuntimeFiles(this.#open) > 0 };
  }

  get #open(): number {
    if (this.#address === null) throw closedError();
    return this.#address;
  }

  #startWatching(): Change {
    const change = startWatching(this.#lib, this.#open);
    this.#isWatching = true;
    return change;
  }
}

function closedError(): JournalError {
  return new JournalError('E_JOURNAL_CLOSED', 'the journal has been closed');
}
