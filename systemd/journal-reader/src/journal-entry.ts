import { isUtf8 } from 'node:buffer';
import { argumentError } from './argument-error.ts';
import type { JournalField } from './journal-field.ts';

const EQUALS = 0x3d;
/** The names that {@link JournalEntry.fields} has found, by index: neighbours have mostly the same. Comparing is faster than decoding. */
const lastNames: string[] = [];

/**
 * One entry, copied out of the journal: it stays valid whatever happens to the journal.
 *
 * Values are bytes: a program may log anything. {@link text} decodes them as UTF-8; {@link bytes} and {@link all} hand
 * them out as they are.
 */
export class JournalEntry {
  /** When journald received it, in microseconds since 1970-01-01 UTC. */
  readonly realtimeUs: number;
  /** The same by the clock that starts with the machine (CLOCK_MONOTONIC of that boot), in microseconds. */
  readonly monotonicUs: number;
  /** Boot during which it was written, 32 lower-case hex digits. */
  readonly bootId: string;
  /** Where it stands, for {@link Journal.seekCursor}; null unless it was asked for. */
  readonly cursor: string | null;
  /** What could not be read whole, in words, e.g. `MESSAGE: cut at 1024 of 5000 bytes`. Empty for nearly all. */
  readonly omitted: readonly string[];
  readonly #data: Buffer;
  /** Start and end of each `FIELD=value` in the data, in turn. */
  readonly #bounds: readonly number[];

  /** Entries come from {@link Journal.entry}. */
  constructor(
    place: { realtimeUs: number; monotonicUs: number; bootId: string; cursor: string | null },
    data: { bytes: Buffer; bounds: readonly number[]; omitted: readonly string[] },
  ) {
    this.realtimeUs = place.realtimeUs;
    this.monotonicUs = place.monotonicUs;
    this.bootId = place.bootId;
    this.cursor = place.cursor;
    this.omitted = data.omitted;
    this.#data = data.bytes;
    this.#bounds = data.bounds;
  }

  /** {@link realtimeUs} as a date, cut to milliseconds. */
  get date(): Date {
    return new Date(Math.floor(this.realtimeUs / 1000));
  }

  /**
   * First value of a field; undefined where the entry has no such field.
   *
   * @throws {JournalError} E_JOURNAL_OPTIONS where `field` is no string; so do the others that take a name.
   */
  bytes(field: JournalField): Buffer | undefined {
    const index = this.#find(field);
    if (index < 0) return undefined;
    return this.#data.subarray(this.#valueAt(index, field), this.#bounds[index + 1]);
  }

  /** First value of a field as UTF-8, invalid bytes replaced by U+FFFD; undefined where there is no such field. */
  text(field: JournalField): string | undefined {
    const index = this.#find(field);
    if (index < 0) return undefined;
    return this.#data.toString('utf8', this.#valueAt(index, field), this.#bounds[index + 1]);
  }

  /** A field that is a decimal number, e.g. `_PID`; undefined where it is not there or not one. */
  integer(field: JournalField): number | undefined {
    const text = this.text(field);
    if (text === undefined || !/^-?\d{1,15}$/.test(text)) return undefined;
    return Number(text);
  }

  /** Every value of a field, in the entry's order: a field may be there more than once. */
  all(field: JournalField): Buffer[] {
    checkName(field);
    const values: Buffer[] = [];
    for (let index = 0; index < this.#bounds.length; index += 2) {
      const value = this.#valueAt(index, field);
      if (value >= 0) values.push(this.#data.subarray(value, this.#bounds[index + 1]));
    }
    return values;
  }

  /** Every field and value, in the entry's order; a repeated field comes as often as it is there. */
  *fields(): Generator<[field: string, value: Buffer]> {
    for (let index = 0; index < this.#bounds.length; index += 2) {
      const name = this.#nameAt(index);
      const value = (this.#bounds[index] ?? 0) + name.length + 1;
      yield [name, this.#data.subarray(value, this.#bounds[index + 1])];
    }
  }

  /** MESSAGE */
  get message(): string | undefined {
    return this.text('MESSAGE');
  }

  /** PRIORITY: 0 emergency, 3 error, 4 warning, 6 informational, 7 debug; undefined where it is none of these. */
  get priority(): number | undefined {
    const priority = this.integer('PRIORITY');
    return priority !== undefined && priority >= 0 && priority <= 7 ? priority : undefined;
  }

  /** Who says it: SYSLOG_IDENTIFIER, else _COMM. */
  get identifier(): string | undefined {
    return this.text('SYSLOG_IDENTIFIER') ?? this.text('_COMM');
  }

  /** The process that wrote it, as the kernel told journald: _PID. */
  get pid(): number | undefined {
    return this.integer('_PID');
  }

  /** The systemd unit of that process: _SYSTEMD_UNIT. */
  get unit(): string | undefined {
    return this.text('_SYSTEMD_UNIT');
  }

  /**
   * What `journalctl -o json` prints for it: strings, an array for a repeated field, and an array of byte values
   * where a value is not printable UTF-8.
   */
  toJSON(): Record<string, JsonValue | JsonValue[]> {
    const json: Record<string, JsonValue | JsonValue[]> = {};
    if (this.cursor !== null) json['__CURSOR'] = this.cursor;
    json['__REALTIME_TIMESTAMP'] = String(this.realtimeUs);
    json['__MONOTONIC_TIMESTAMP'] = String(this.monotonicUs);
    const values = new Map<string, JsonValue[]>();
    for (const [field, value] of this.fields()) {
      const known = values.get(field);
      if (known === undefined) values.set(field, [jsonValue(value)]);
      else known.push(jsonValue(value));
    }
    for (const [field, list] of values) {
      const [only] = list;
      json[field] = list.length === 1 && only !== undefined ? only : list;
    }
    json['_BOOT_ID'] ??= this.bootId;
    return json;
  }

  /** The name of the data at `index`. */
  #nameAt(index: number): string {
    const likely = lastNames[index];
    if (likely !== undefined && this.#valueAt(index, likely) >= 0) return likely;
    const start = this.#bounds[index] ?? 0;
    const name = this.#data.toString('latin1', start, this.#data.indexOf(EQUALS, start));
    lastNames[index] = name;
    return name;
  }

  /** Index of the first data of `field`, -1 where there is none. */
  #find(field: string): number {
    checkName(field);
    for (let index = 0; index < this.#bounds.length; index += 2)
      if (this.#valueAt(index, field) >= 0) return index;
    return -1;
  }

  /** Where the value of the data at `index` begins if that is of `field`, else -1. */
  #valueAt(index: number, field: string): number {
    const start = this.#bounds[index] ?? 0;
    const equals = start + field.length;
    if (equals >= (this.#bounds[index + 1] ?? 0) || this.#data[equals] !== EQUALS) return -1;
    for (let at = 0; at < field.length; at++) {
      const code = field.charCodeAt(at);
      // The first equals sign ends the name: `A=b` is no name, although there may be `A=b=c`.
      if (this.#data[start + at] !== code || code === EQUALS) return -1;
    }
    return equals + 1;
  }
}

/** A name that no field has is in no entry; what is no text at all is a mistake. */
function checkName(field: string): void {
  if (typeof field !== 'string') throw argumentError('field', field, 'a field name');
}

/** A value in {@link JournalEntry.toJSON}. */
export type JsonValue = string | number[];

function jsonValue(value: Buffer): JsonValue {
  const text = isUtf8(value) ? value.toString('utf8') : undefined;
  return text === undefined || /[\x00-\x08\x0b-\x1f\x7f]/.test(text) ? [...value] : text;
}
