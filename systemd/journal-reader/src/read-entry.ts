import { JournalEntry } from './journal-entry.ts';
import { failedCall } from './journal-error.ts';
import type { JournalField } from './journal-field.ts';
import type { Libsystemd } from './libsystemd.ts';
import {
  clearResult,
  collector,
  nameAddress,
  result,
  resultAddress,
  resultWord,
  takeString,
} from './native-memory.ts';

/** Result words (native-memory.ts), so that no two results of one read meet. */
const DATA = 0;
const LENGTH = 1;
const TIME = 2;
const BOOT_ID = 4;
const DATA_AT = resultAddress(DATA);
const LENGTH_AT = resultAddress(LENGTH);
const TIME_AT = resultAddress(TIME);
const BOOT_ID_AT = resultAddress(BOOT_ID);

const EQUALS = 0x3d;
/** journald takes at most 1024 fields an entry (ENTRY_FIELD_COUNT_MAX); a damaged file may claim any number. */
const MAX_FIELDS = 4096;
/** A field that is not there, or one that this libsystemd cannot uncompress: the other fields are still good. */
const ENOENT = -2;

/** What to read of an entry. */
export interface ReadOptions {
  /**
   * Only these, and of each only the first value. Faster than reading all, as long as they are fewer than about eight.
   */
  fields?: readonly JournalField[];
  /** Whether {@link JournalEntry.cursor} is wanted; it costs about as much as three fields. Default: no. */
  cursor?: boolean;
}

/** The most that is copied; what is over is cut and named in {@link JournalEntry.omitted}. */
export interface ReadLimits {
  maxFieldBytes: number;
  maxEntryBytes: number;
}

/**
 * Reads the entry at the journal's position.
 *
 * @throws {JournalError} E_JOURNAL_NO_ENTRY between entries, E_JOURNAL_CORRUPT.
 */
export function readEntry(
  lib: Libsystemd,
  journal: number,
  options: ReadOptions & { limits: ReadLimits },
): JournalEntry {
  const realtimeUs = readRealtime(lib, journal);
  const failed = lib.getMonotonic(journal, TIME_AT, BOOT_ID_AT);
  if (failed < 0) throw failedCall('sd_journal_get_monotonic_usec', failed);
  const monotonicUs = result(TIME);
  const bootId = bootIdOf(resultWord(BOOT_ID), resultWord(BOOT_ID + 1));
  const cursor = options.cursor === true ? readCursor(lib, journal) : null;
  const copy = new EntryCopy(options.limits);
  if (options.fields === undefined) copyAll(lib, journal, copy);
  else copyNamed(lib, journal, { copy, fields: options.fields });
  return new JournalEntry({ realtimeUs, monotonicUs, bootId, cursor }, copy.take());
}

/** When the entry at the journal's position was received, in µs since 1970. Errors as in {@link readEntry}. */
export function readRealtime(lib: Libsystemd, journal: number): number {
  const failed = lib.getRealtime(journal, TIME_AT);
  if (failed < 0) throw failedCall('sd_journal_get_realtime_usec', failed);
  return result(TIME);
}

/** The cursor of the journal's position. Errors as in {@link readEntry}. */
export function readCursor(lib: Libsystemd, journal: number): string {
  clearResult(DATA);
  const failed = lib.getCursor(journal, DATA_AT);
  if (failed < 0) throw failedCall('sd_journal_get_cursor', failed);
  return takeString(result(DATA));
}

function copyNamed(
  lib: Libsystemd,
  journal: number,
  { copy, fields }: { copy: EntryCopy; fields: readonly string[] },
): void {
  for (const field of fields) {
    const status = lib.getData(journal, nameAddress(field), DATA_AT, LENGTH_AT);
    if (status >= 0) copy.add(result(DATA), result(LENGTH));
    else if (status !== ENOENT)
      copy.omitted.push(`${field}: ${failedCall('sd_journal_get_data', status).message}`);
  }
}

function copyAll(lib: Libsystemd, journal: number, copy: EntryCopy): void {
  lib.restartData(journal);
  for (let read = 0; read < MAX_FIELDS; read++) {
    const status = lib.enumerateData(journal, DATA_AT, LENGTH_AT);
    if (status === 0) return;
    if (status < 0) {
      // libsystemd does not move on after this, so asking again would never end.
      copy.omitted.push(
        `further fields: ${failedCall('sd_journal_enumerate_available_data', status).message}`,
      );
      return;
    }
    copy.add(result(DATA), result(LENGTH));
  }
  copy.omitted.push(`further fields: over ${MAX_FIELDS}`);
}

/** The fields of one entry, on their way into one Buffer. */
class EntryCopy {
  readonly omitted: string[] = [];
  readonly #bounds: number[] = [];
  readonly #limits: ReadLimits;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
    // Left over from a read that threw midway.
    collector.length = 0;
  }

  /** Copies one `FIELD=value`. */
  add(address: number, bytes: number): void {
    const { maxFieldBytes, maxEntryBytes } = this.#limits;
    const start = collector.length;
    const room = Math.min(maxFieldBytes + MAX_NAME_BYTES, maxEntryBytes - start);
    collector.append(address, Math.min(bytes, room));
    if (bytes > maxFieldBytes || bytes > room) this.#cut(start, bytes);
    else this.#bounds.push(start, collector.length);
  }

  take(): { bytes: Buffer; bounds: number[]; omitted: string[] } {
    return { bytes: collector.take(), bounds: this.#bounds, omitted: this.omitted };
  }

  /** Only a field near or over a limit comes here: its value may still fit, as the name does not count. */
  #cut(start: number, bytes: number): void {
    const equals = collector.indexOf(EQUALS, start);
    if (equals < 0) {
      this.omitted.push(`a field of ${bytes} bytes`);
      collector.length = start;
      return;
    }
    const valueBytes = bytes - (equals + 1 - start);
    const end = Math.min(equals + 1 + this.#limits.maxFieldBytes, collector.length);
    const keptBytes = end - equals - 1;
    if (keptBytes < valueBytes) {
      const name = collector.latin1(start, equals);
      this.omitted.push(`${name}: cut at ${keptBytes} of ${valueBytes} bytes or more`);
    }
    collector.length = end;
    this.#bounds.push(start, end);
  }
}

/** Field names are at most 64 characters (systemd, journal_field_valid), and an equals sign follows. */
export const MAX_NAME_BYTES = 65;

/** The last boot id in hex: nearly all entries that follow one another have the same. */
let lastBootId = { low: 0n, high: 0n, hex: '0'.repeat(32) };

function bootIdOf(low: bigint, high: bigint): string {
  if (low !== lastBootId.low || high !== lastBootId.high) {
    const bytes = Buffer.alloc(16);
    // As the words lie in memory: the id is 16 bytes, not two numbers.
    bytes.set(new Uint8Array(BigUint64Array.of(low, high).buffer));
    lastBootId = { low, high, hex: bytes.toString('hex') };
  }
  return lastBootId.hex;
}
