import { JournalError } from './journal-error.ts';

/** A longer text is shown by its beginning. */
const MAX_SHOWN = 80;

/**
 * The error for an argument that cannot be meant.
 *
 * @param name Of the argument, as the documentation has it.
 * @param needed What it may be, in words.
 */
export function argumentError(name: string, value: unknown, needed: string): JournalError {
  return new JournalError('E_JOURNAL_OPTIONS', `${name} is ${shown(value)}, needed is ${needed}`);
}

/** A value in a message. Never calls anything of an object: that could throw by itself. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (value !== null && typeof value === 'object') return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
