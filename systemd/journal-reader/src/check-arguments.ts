import { argumentError, shown } from './argument-error.ts';
import { failedCall, JournalError } from './journal-error.ts';
import type { Id128 } from './libsystemd.ts';

/** The names that journald accepts: journal_field_valid() in systemd's journal-file.c. */
const FIELD_NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;
/** libsystemd refuses more at once (ERANGE), as it returns the number as an int: real_journal_next_skip(). */
const MAX_SKIP = 2 ** 31 - 1;

/** @throws {JournalError} E_JOURNAL_OPTIONS where no field can have this name. */
export function checkFieldName(field: string): void {
  if (typeof field === 'string' && FIELD_NAME.test(field)) return;
  throw new JournalError(
    'E_JOURNAL_OPTIONS',
    `${shown(field)} is no field name: 1 to 64 upper-case letters, digits and underscores`,
  );
}

/**
 * What a field is to be equal to, as bytes.
 *
 * Told without node:util, which takes as long to load as all of this package, and without `instanceof`, by which an array
 * of another realm (a test runner's) would be none.
 *
 * @throws {JournalError} E_JOURNAL_OPTIONS for what is none of the types.
 */
export function checkMatchValue(value: string | number | Uint8Array): Uint8Array {
  if (typeof value === 'string' || Number.isSafeInteger(value)) return Buffer.from(String(value), 'utf8');
  if (ArrayBuffer.isView(value) && value[Symbol.toStringTag] === 'Uint8Array') return value;
  throw argumentError('value', value, 'a string, a whole number or a Uint8Array');
}

/** @throws {JournalError} E_JOURNAL_OPTIONS where `value` is not a whole number of at least 1. */
export function checkLimit(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw argumentError(name, value, 'a whole number of at least 1');
}

/** @throws {JournalError} E_JOURNAL_OPTIONS where `value` is no number of things: 0, 1, 2 ... or Infinity for all. */
export function checkCount(name: string, value: number): number {
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw argumentError(name, value, 'a whole number of at least 0, or Infinity');
}

/** @throws {JournalError} E_JOURNAL_OPTIONS where `count` entries cannot be skipped, in one direction or the other. */
export function checkSkip(count: number): number {
  if (Number.isInteger(count) && Math.abs(count) <= MAX_SKIP) return count;
  throw argumentError('count', count, `a whole number from -${MAX_SKIP} to ${MAX_SKIP}`);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS where `value` is neither true nor false nor left out. */
export function checkFlag(name: string, value: boolean | undefined): void {
  if (value !== undefined && typeof value !== 'boolean') throw argumentError(name, value, 'true or false');
}

/**
 * Text that becomes a C string: a zero byte would end it early, and so name another thing.
 *
 * @throws {JournalError} E_JOURNAL_OPTIONS
 */
export function checkText(name: string, value: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw argumentError(name, value, 'a text that is not empty and holds no zero byte');
}

/**
 * A time in microseconds as libsystemd takes it; parts of microseconds are cut off.
 *
 * @throws {JournalError} E_JOURNAL_OPTIONS where it is negative, or above 2^53 - 1 (the year 2255), where numbers are not
 *   exact any more.
 */
export function checkTime(us: unknown): bigint {
  if (typeof us === 'number' && us >= 0 && us <= Number.MAX_SAFE_INTEGER) return BigInt(Math.trunc(us));
  throw argumentError('time', us, `a number of microseconds from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/** {@link checkTime}, also of a Date. */
export function checkRealtime(time: number | Date): bigint {
  const isDate = typeof time === 'object' && typeof time?.getTime === 'function';
  return checkTime(isDate ? time.getTime() * 1000 : time);
}

/** A boot's id as libsystemd takes it. @throws {JournalError} E_JOURNAL_OPTIONS where it is not 32 hex digits. */
export function checkBootId(bootId: string): Id128 {
  if (typeof bootId === 'string' && /^[0-9a-f]{32}$/i.test(bootId))
    return { bytes: Buffer.from(bootId, 'hex') };
  throw argumentError('bootId', bootId, '32 hex digits');
}

/**
 * A cursor as libsystemd takes it.
 *
 * @throws {JournalError} E_JOURNAL_CURSOR for what is no text, or would end early as a C string.
 */
export function checkCursor(cursor: string): string {
  if (typeof cursor !== 'string' || cursor === '' || cursor.includes('\0')) throw cursorError(cursor, null);
  return cursor;
}

/** The error for text that libsystemd does not take as a cursor. */
export function cursorError(cursor: string, errno: string | null): JournalError {
  return new JournalError('E_JOURNAL_CURSOR', `${shown(cursor)} is no cursor of a journal`, { errno });
}

/** @throws {JournalError} Where `status` says that `call` failed. */
export function demand(call: string, status: number): void {
  if (status < 0) throw failedCall(call, status);
}
