import { failedCall, JournalError } from './journal-error.ts';
import type { Id128 } from './libsystemd.ts';

/** The names that journald accepts: journal_field_valid() in systemd's journal-file.c. */
const FIELD_NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;

/** @throws {JournalError} E_JOURNAL_OPTIONS where no field can have this name. */
export function checkFieldName(field: string): void {
  if (!FIELD_NAME.test(field))
    throw new JournalError(
      'E_JOURNAL_OPTIONS',
      `${JSON.stringify(field)} is no field name: 1 to 64 upper-case letters, digits and underscores`,
    );
}

/** @throws {JournalError} E_JOURNAL_OPTIONS where `value` is not a whole number of at least 1. */
export function checkLimit(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new JournalError(
      'E_JOURNAL_OPTIONS',
      `${name} is ${value}, needed is a whole number of at least 1`,
    );
  return value;
}

/** A time as libsystemd takes it. @throws {JournalError} E_JOURNAL_OPTIONS where `us` is none. */
export function checkTime(us: number | Date): bigint {
  const time = typeof us === 'number' ? us : us.getTime() * 1000;
  if (!Number.isFinite(time) || time < 0)
    throw new JournalError('E_JOURNAL_OPTIONS', `${time} is no time in microseconds`);
  return BigInt(Math.trunc(time));
}

/** A boot's id as libsystemd takes it. @throws {JournalError} E_JOURNAL_OPTIONS where it is not 32 hex digits. */
export function checkBootId(bootId: string): Id128 {
  if (!/^[0-9a-f]{32}$/i.test(bootId))
    throw new JournalError('E_JOURNAL_OPTIONS', `${JSON.stringify(bootId)} is no boot id: 32 hex digits`);
  return { bytes: Buffer.from(bootId, 'hex') };
}

/**
 * A cursor as libsystemd takes it.
 *
 * @throws {JournalError} E_JOURNAL_CURSOR for what would end early as a C string.
 */
export function checkCursor(cursor: string): string {
  if (cursor === '' || cursor.includes('\0')) throw cursorError(cursor, null);
  return cursor;
}

/** The error for text that libsystemd does not take as a cursor. */
export function cursorError(cursor: string, errno: string | null): JournalError {
  const shown = cursor.length > 80 ? `${cursor.slice(0, 80)}…` : cursor;
  return new JournalError('E_JOURNAL_CURSOR', `${JSON.stringify(shown)} is no cursor of a journal`, {
    errno,
  });
}

/** @throws {JournalError} Where `status` says that `call` failed. */
export function demand(call: string, status: number): void {
  if (status < 0) throw failedCall(call, status);
}
