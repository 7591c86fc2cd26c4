import { UsercrashError } from '../errors/usercrash-error.ts';
import { parseAmount } from './amount.ts';
import { DEFAULT_RUN_SETTINGS } from './run-settings.ts';

/** One setting of usercrash-server: `--name <value>`, whoever reads it. */
export interface Setting<Value> {
  /** Of the flag, without its dashes. */
  name: string;
  /** What the value is, for `--help`. */
  placeholder: string;
  description: string;
  /** As somebody would write it. */
  fallback: string;
  /** @throws {UsercrashError} E_SETTING with what the value has to be. */
  parse(text: string): Value;
}

/** Everything that can be set, by flags. docs/operations.md says what the limits do. */
export const SERVER_SETTINGS = {
  slots: {
    name: 'slots',
    placeholder: 'n',
    description: 'reports that are kept',
    fallback: '100',
    parse: wholeNumber(1, 10_000),
  },
  maxBytes: {
    name: 'max-bytes',
    placeholder: 'amount',
    description: 'what reports and waiting crashes take at most: bytes, or a share of the file system',
    fallback: '10%',
    parse: parseAmount,
  },
  keepFree: {
    name: 'keep-free',
    placeholder: 'amount',
    description: 'what is left free on the file system for others: bytes or a share',
    fallback: '15%',
    parse: parseAmount,
  },
  maxAgeDays: {
    name: 'max-age',
    placeholder: 'days',
    description: 'how long a report is kept',
    fallback: '30',
    parse: wholeNumber(1, 36_500),
  },
  reportsPerMinute: {
    name: 'reports-per-minute',
    placeholder: 'n',
    description: 'analyses that are begun in a minute; further crashes wait',
    fallback: '60',
    parse: wholeNumber(1, 100_000),
  },
  repeatPauseS: {
    name: 'repeat-pause',
    placeholder: 'seconds',
    description: 'time between two reports of the same crash',
    fallback: '10',
    parse: wholeNumber(0, 3600),
  },
  repeatsPerHour: {
    name: 'repeats-per-hour',
    placeholder: 'n',
    description: 'reports of the same crash in an hour; further ones are counted in the history',
    fallback: '5',
    parse: wholeNumber(1, 100_000),
  },
  analyses: {
    name: 'analyses',
    placeholder: 'n',
    description: 'analyses at once; 0 for one a core',
    fallback: '0',
    parse: wholeNumber(0, 1024),
  },
  coreBudgetBytes: {
    name: 'core-budget',
    placeholder: 'bytes',
    description: 'largest small core',
    fallback: String(DEFAULT_RUN_SETTINGS.coreBudgetBytes),
    parse: wholeNumber(64 * 1024, 1024 ** 3),
  },
  gdb: {
    name: 'gdb',
    placeholder: 'program',
    description: 'the gdb to run',
    fallback: DEFAULT_RUN_SETTINGS.gdb,
    parse: String,
  },
  group: {
    name: 'group',
    placeholder: 'name',
    description: 'group that may read reports',
    fallback: 'adm',
    parse: String,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** The settings in force. */
export type ServerSettings = {
  [Name in keyof typeof SERVER_SETTINGS]: ReturnType<(typeof SERVER_SETTINGS)[Name]['parse']>;
};

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^[0-9]+$/.test(text) || number < least || number > most) {
      throw new UsercrashError('E_SETTING', `It is a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}
