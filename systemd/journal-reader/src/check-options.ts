import { argumentError, shown } from './argument-error.ts';
import { checkCount, checkFieldName, checkFlag } from './check-arguments.ts';
import type { FollowOptions } from './follow-journal.ts';
import type { WalkOptions } from './journal.ts';
import { JournalError } from './journal-error.ts';
import type { OpenOptions } from './open-options.ts';
import type { ReadOptions } from './read-entry.ts';
import type { WaitOptions } from './wait-for-change.ts';

/** Every option of a kind: the compiler sees that none is left out. */
type Known<Options> = Readonly<Record<keyof Options, true>>;

const READ: Known<ReadOptions> = { fields: true, cursor: true };
const WALK: Known<WalkOptions> = { direction: true, limit: true, ...READ };
const FOLLOW: Known<FollowOptions> = { signal: true, ...READ };
const WAIT: Known<WaitOptions> = { timeoutMs: true, signal: true };
const OPEN: Known<OpenOptions> = {
  ...{ directory: true, files: true, namespace: true, runtimeOnly: true, only: true, allMachines: true },
  ...{ maxFieldBytes: true, maxEntryBytes: true, library: true },
};
/** More names that do not exist are not shown. */
const MAX_UNKNOWN = 5;

/**
 * An option that does not exist is a mistyped one: left alone it would mean another journal, or other entries.
 *
 * @throws {JournalError} E_JOURNAL_OPTIONS where `options` is not an object, or has others than the known ones.
 */
function checkNames(options: object, known: Readonly<Record<string, true>>): void {
  if (options === null || typeof options !== 'object') throw argumentError('options', options, 'an object');
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length === 0) return;
  const names = unknown.slice(0, MAX_UNKNOWN).map(shown).join(', ');
  const existing = Object.keys(known).join(', ');
  throw new JournalError('E_JOURNAL_OPTIONS', `there is no option ${names}; there are ${existing}`);
}

/** Only the names: openJournal() looks at the values. @throws {JournalError} E_JOURNAL_OPTIONS */
export function checkOpenOptions(options: OpenOptions): void {
  checkNames(options, OPEN);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for what cannot be read. */
export function checkReadOptions(options: ReadOptions): void {
  checkNames(options, READ);
  checkRead(options);
}

function checkRead({ fields, cursor }: ReadOptions): void {
  checkFlag('cursor', cursor);
  if (fields === undefined) return;
  if (!Array.isArray(fields)) throw argumentError('fields', fields, 'an array of field names');
  for (const field of fields) checkFieldName(field);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for no direction, no number of entries, and what cannot be read. */
export function checkWalkOptions(options: WalkOptions): void {
  checkNames(options, WALK);
  checkRead(options);
  const { direction = 'forward', limit } = options;
  if (direction !== 'forward' && direction !== 'backward')
    throw argumentError('direction', direction, "'forward' or 'backward'");
  if (limit !== undefined) checkCount('limit', limit);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for what cannot be read, and no AbortSignal. */
export function checkFollowOptions(options: FollowOptions): void {
  checkNames(options, FOLLOW);
  checkRead(options);
  checkSignal(options);
}

/** @throws {JournalError} E_JOURNAL_OPTIONS for what is no time to wait, and no AbortSignal. */
export function checkWaitOptions(options: WaitOptions): void {
  checkNames(options, WAIT);
  const { timeoutMs } = options;
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0))
    throw argumentError('timeoutMs', timeoutMs, 'a number of milliseconds of at least 0, or Infinity');
  checkSignal(options);
}

function checkSignal({ signal }: { signal?: AbortSignal }): void {
  // By what is used of it: there are other classes than Node's own (jsdom, polyfills).
  const isSignal =
    typeof signal?.throwIfAborted === 'function' && typeof signal.addEventListener === 'function';
  if (signal !== undefined && !isSignal) throw argumentError('signal', signal, 'an AbortSignal');
}
