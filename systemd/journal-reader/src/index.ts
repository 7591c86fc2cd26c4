/**
 * Reads the systemd journal from Node.js: see {@link Journal}.
 *
 * @module
 */
export type { FollowOptions } from './follow-journal.ts';
export { Journal, type WalkOptions } from './journal.ts';
export { JournalEntry, type JsonValue } from './journal-entry.ts';
export { JournalError, type JournalErrorCode } from './journal-error.ts';
export type { JournalField, KnownField } from './journal-field.ts';
export type { Boot } from './list-boots.ts';
export type { OpenOptions } from './open-options.ts';
export type { ReadOptions } from './read-entry.ts';
export type { Change, WaitOptions } from './wait-for-change.ts';
