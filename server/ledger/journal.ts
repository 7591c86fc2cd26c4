import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'winston';
import { messageOf } from '../../errors/usercrash-error.ts';
import { tryLock } from '../../linux/flock.ts';
import { type Dump, isHeld } from './dump.ts';
import { monotonicMs } from './dump-book.ts';
import { formatJournalEntry, type JournalEntry, parseJournalEntry } from './journal-entry.ts';

/** Name in the run directory: in memory, and gone with the boot that it tells of. */
export const JOURNAL_FILE = 'ledger';
/** Longer than this, and twice what was left in it last, it is written anew. */
const MIN_BYTES = 256 * 1024;
/** More is none of ours. */
const MAX_BYTES = 128 * 1024 * 1024;
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** What the server before has written down. */
export interface LeftBehind {
  /** Of which no more than this is known; the history may tell of them. */
  dumps: Dump[];
  said: Extract<JournalEntry, { kind: 'said' }>[];
  /** The last record of the kernel's log that was read; null where that is not known. */
  kernelLogSequence: number | null;
  /** When it last wrote here, which it does every second, in milliseconds since the epoch; null where it never did. */
  aliveMs: number | null;
}

/**
 * What a ledger knows and the history does not yet, in a file: a server that is killed leaves it to the next. Every dump is
 * written down with one write when it is told of, and forgotten when the file is written anew after its line is in the history.
 *
 * A file that cannot be written must not harm the collection: that is logged, and no more is written. The next server sees when
 * that was.
 */
export class LedgerJournal {
  readonly #path: string;
  #bootId = '';
  readonly #log: Logger;
  #fd: number | null = null;
  #bytes = 0;
  #leftBytes = 0;

  constructor(runDir: string, log: Logger) {
    this.#path = join(runDir, JOURNAL_FILE);
    this.#log = log;
  }

  /**
   * Goes on with the file of the server before.
   *
   * @param bootId 32 hex digits; what an earlier boot has left is forgotten.
   * @returns Null where that server still runs: nothing is written then.
   */
  open(bootId: string): LeftBehind | null {
    this.#bootId = bootId;
    const left: LeftBehind = { dumps: [], said: [], kernelLogSequence: null, aliveMs: null };
    try {
      const fd = openSync(this.#path, FLAGS, 0o600);
      if (!tryLock(fd)) {
        closeSync(fd);
        return null;
      }
      this.#fd = fd;
      const { size, mtimeMs } = fstatSync(fd);
      const [boot, ...lines] = size > MAX_BYTES ? [] : readFileSync(fd, 'utf8').split('\n');
      if (boot === this.#bootId) {
        left.aliveMs = mtimeMs;
        read(lines, left);
        this.#bytes = size;
        // What was cut short is a line of its own.
        if (lines.at(-1) !== '') this.#write('\n');
      } else {
        ftruncateSync(fd);
        this.#write(`${this.#bootId}\n`);
      }
    } catch (error) {
      this.#fail(error);
    }
    return left;
  }

  add(entry: JournalEntry): void {
    if (this.#fd === null) return;
    try {
      this.#write(`${formatJournalEntry(entry)}\n`);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Says that the server is alive, and writes the file anew where it has grown. @param all What is to stand in it then. */
  keep(all: () => Iterable<JournalEntry>): void {
    if (this.#fd === null) return;
    try {
      const now = new Date();
      futimesSync(this.#fd, now, now);
      if (this.#bytes > Math.max(MIN_BYTES, 2 * this.#leftBytes)) this.#writeAnew(all());
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #writeAnew(entries: Iterable<JournalEntry>): void {
    const lines = [this.#bootId, ...[...entries].map(formatJournalEntry), ''];
    const old = this.#fd;
    const temporary = `${this.#path}.tmp`;
    this.#fd = openSync(temporary, FLAGS | constants.O_TRUNC, 0o600);
    this.#bytes = 0;
    if (old !== null) closeSync(old);
    tryLock(this.#fd);
    this.#write(lines.join('\n'));
    this.#leftBytes = this.#bytes;
    renameSync(temporary, this.#path);
  }

  #write(text: string): void {
    if (this.#fd === null) return;
    const bytes = Buffer.from(text);
    const written = writeSync(this.#fd, bytes);
    if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes written`);
    this.#bytes += written;
  }

  #fail(error: unknown): void {
    this.#log.error('ledger-journal-failed', { error: messageOf(error) });
    this.close();
  }
}

/** Puts lines together, in their order. */
function read(lines: readonly string[], left: LeftBehind): void {
  const dumps = new Map<string, Dump>();
  for (const line of lines) {
    const entry = parseJournalEntry(line);
    if (entry === null) continue;
    if (entry.kind === 'dump') dumps.set(`${entry.dump.pid} ${entry.dump.atMs}`, entry.dump);
    else if (entry.kind === 'undumped') dumps.delete(`${entry.pid} ${entry.atMs}`);
    else if (entry.kind === 'end') {
      const dump = dumps.get(`${entry.pid} ${entry.atMs}`);
      if (dump !== undefined) dump.end = entry.end;
    } else {
      left.kernelLogSequence = entry.sequence;
      if (entry.kind === 'said') left.said.push(entry);
    }
  }
  left.dumps = [...dumps.values()];
  // Nobody has told the end of one that ended since.
  const ended = { atMs: monotonicMs(), signal: null, isDumped: false };
  for (const dump of left.dumps) if (!isHeld(dump)) dump.end ??= ended;
}
