import { UsercrashError } from '../errors/usercrash-error.ts';
import { parseAmount } from './amount.ts';
import { isExclusion } from './excluded-by.ts';
import { DEFAULT_RUN_SETTINGS } from './run-settings.ts';
import { type ListSetting, nameOf, oneOf, type Setting, trueOrFalse, wholeNumber } from './setting.ts';

/** How the kernel hands crashes over; `auto` takes what fits the machine. */
export const MODES = ['auto', 'socket', 'pipe'] as const;
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** Everything that can be set. docs/operations.md says what the limits do. */
export const SERVER_SETTINGS = {
  mode: {
    name: 'mode',
    placeholder: 'mode',
    description: `how the kernel hands crashes over: ${MODES.join(', ')}`,
    fallback: 'auto',
    parse: oneOf(MODES),
  },
  defaultHandler: {
    name: 'default-handler',
    placeholder: null,
    description: 'the handler or file that core_pattern names gets its cores all the same',
    fallback: 'true',
    parse: trueOrFalse,
  },
  takeBackCorePattern: {
    name: 'take-back-core-pattern',
    placeholder: null,
    description: 'set core_pattern again when somebody else has changed it',
    fallback: 'false',
    parse: trueOrFalse,
  },
  ownerAccess: {
    name: 'owner-access',
    placeholder: null,
    description: 'the user of a process may read its reports',
    fallback: 'false',
    parse: trueOrFalse,
  },
  exclude: {
    name: 'exclude',
    placeholder: 'pattern',
    description: 'only count crashes of these programs: a path or unit:NAME, with * and ?',
    isList: true,
    parse: exclusion,
  },
  logLevel: {
    name: 'log-level',
    placeholder: 'level',
    description: `how much to log: ${LOG_LEVELS.join(', ')}`,
    fallback: 'info',
    parse: oneOf(LOG_LEVELS),
  },
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
    parse: nameOf('program'),
  },
  group: {
    name: 'group',
    placeholder: 'name',
    description: 'group that may read reports',
    fallback: 'adm',
    parse: nameOf('group'),
  },
} as const satisfies Readonly<Record<string, Setting<unknown> | ListSetting<unknown>>>;

/** The settings in force. */
export type ServerSettings = {
  [Key in SettingKey]: (typeof SERVER_SETTINGS)[Key] extends ListSetting<infer Value>
    ? Value[]
    : ReturnType<(typeof SERVER_SETTINGS)[Key]['parse']>;
};

/** As the code calls a setting. */
export type SettingKey = keyof typeof SERVER_SETTINGS;

/** All settings in the order in which they are shown. */
export const ALL_SETTINGS: readonly (readonly [SettingKey, Setting<unknown> | ListSetting<unknown>])[] =
  Object.entries(SERVER_SETTINGS) as [SettingKey, Setting<unknown> | ListSetting<unknown>][];

function exclusion(text: string): string {
  if (isExclusion(text)) return text;
  throw new UsercrashError('E_SETTING', 'It begins with / or * for a path, or with unit: and a name.');
}
