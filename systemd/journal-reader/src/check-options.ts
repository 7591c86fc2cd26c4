import { argumentError } from './argument-error.ts';
import { checkCount, checkFieldName, checkFlag } from './check-arguments.ts';
import type { WalkOptions } from './journal.ts';
import type { ReadOptions } from './read-entry.ts';
import type { WaitOptions } from './wait-for-change.ts';

/** @throws {JournalError} E_JOURNAL_OPTIONS where `options` is not an object. */
export function checkOptions(options: object): void {
  if (options === null || typeof options !== 'object') throw argumentError('options', options, 'an object');
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for what cannot be read. */
export function checkReadOptions(options: ReadOptions): void {
  checkOptions(options);
  const { fields, cursor } = options;
  checkFlag('cursor', cursor);
  if (fields === undefined) return;
  if (!Array.isArray(fields)) throw argumentError('fields', fields, 'an array of field names');
  for (const field of fields) checkFieldName(field);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for no direction, no number of entries, and what cannot be read. */
export function checkWalkOptions(options: WalkOptions): void {
  checkReadOptions(options);
  const { direction = 'forward', limit } = options;
  if (direction !== 'forward' && direction !== 'backward')
    throw argumentError('direction', direction, "'forward' or 'backward'");
  if (limit !== undefined) checkCount('limit', limit);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for what is no time to wait, and no AbortSignal. */
export function checkWaitOptions(options: WaitOptions): void {
  checkOptions(options);
  const { timeoutMs, signal } = options;
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0))
    throw argumentError('timeoutMs', timeoutMs, 'a number of milliseconds of at least 0, or Infinity');
  // By what is used of it: there are other classes than Node's own (jsdom, polyfills).
  const isSignal =
    typeof signal?.throwIfAborted === 'function' && typeof signal.addEventListener === 'function';
  if (signal !== undefined && !isSignal) throw argumentError('signal', signal, 'an AbortSignal');
}
