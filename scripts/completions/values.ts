import type { Argument, Option } from 'commander';
import { MODES } from '../../config/server-settings.ts';
import { TEXT_SECTION_NAMES } from '../../report/render-text.ts';

/** What can stand in a place of a command line; each shell has its own way to list it. */
export type Values =
  | { of: 'file' | 'directory' | 'pid' | 'user' | 'report' | 'unknown' }
  | { of: 'words'; words: readonly string[]; isList: boolean };

/** Signals that end a process with a core: signal(7). */
const CORE_SIGNALS = [
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGQUIT',
  'SIGSYS',
  'SIGTRAP',
  'SIGXCPU',
  'SIGXFSZ',
];

/** By the option's name, else by what it calls its value. One that is not here completes to nothing. */
const BY_NAME: Readonly<Record<string, Values>> = {
  file: { of: 'file' },
  directory: { of: 'directory' },
  pid: { of: 'pid' },
  user: { of: 'user' },
  nn: { of: 'report' },
  sections: { of: 'words', words: TEXT_SECTION_NAMES, isList: true },
  signal: { of: 'words', words: CORE_SIGNALS, isList: false },
  mode: { of: 'words', words: MODES, isList: false },
};

/** @returns What an option's value or an argument can be; null for a switch. */
export function valuesOf(place: Option | Argument): Values | null {
  if ('flags' in place && place.isBoolean()) return null;
  if ('negate' in place && place.negate) return null;
  if (place.argChoices !== undefined) return { of: 'words', words: place.argChoices, isList: false };
  const placeholder = 'flags' in place ? /[<[]([^\]>.]+)/.exec(place.flags)?.[1] : undefined;
  return BY_NAME[place.name()] ?? BY_NAME[(placeholder ?? place.name()).toLowerCase()] ?? { of: 'unknown' };
}
