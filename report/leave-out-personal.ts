import {
  HOMES,
  homePattern,
  namePattern,
  PATTERNS,
  type PersonalPattern,
  SECRET_OPTION,
  WRITTEN_PATTERNS,
} from './personal-patterns.ts';
import type { Record as CrashRecord, Variable } from './record.ts';

/** What was taken out, in words, and how often. */
export type LeftOut = ReadonlyMap<string, number>;

const REASON = 'left out: it is memory of the process';
/** login.defs(5), UID_MIN: below it are services. */
const FIRST_PERSON = 1000;
/** Variables that hold a person's name: environ(7), sudo(8). */
const NAME_VARIABLES = new Set(['USER', 'LOGNAME', 'USERNAME', 'SUDO_USER']);
const NOBODY = new Set(['root', 'nobody', 'user']);
const MAX_NAMES = 64;
/** linux/limits.h, PATH_MAX */
const MAX_PATH = 4096;
const IN_HOME = new RegExp(`^(${HOMES}[^/]+/).`);
/** What is no person's, also where HOME names it. */
const NO_HOME = /^\/(?:(?:usr|opt|etc|run|tmp|app|nonexistent)(?:\/|$)|var\/(?!home\/))/;
/** In which nothing is looked for: they name no one, and readers rely on them. */
const EXEMPT = new Set([
  ...['kind', 'crashId', 'quickKey', 'hash', 'buildId', 'bootId', 'iso', 'readers', 'mode', 'why'],
  ...['permissions', 'state', 'flags'],
]);
const TEXT = /"(?:[^"\\]|\\.)*(?:"|$)(?:\.\.\.)?|(?:-?\d+ )?'(?:[^'\\]|\\.)*(?:'|$)/gs;
const HEX = /^[0-9a-f]{16}$/;
/** What many machines are called, some by their distribution, whose name is to stay. */
const NO_HOST = new Set(['localhost', 'debian', 'ubuntu', 'fedora', 'archlinux', 'raspberrypi']);
/** How engines call a container's host: by its id. */
const HEX_NAME = /^[0-9a-f]{12,}$/;
/** A long word of letters and digits, as keys are; no path. */
const KEY = /^(?=.*\d)(?=.*[a-z])[\w+=-]{32,}$/i;

/**
 * Takes out of a record, in place, what a person would not want to show to strangers: memory, values of environment variables, text in
 * values of variables, what looks like a secret, names of people and of the machine, home directories, addresses, and what other
 * programs wrote into the journal. Numbers, names of functions and paths of programs stay. What no rule knows stays as well.
 *
 * @returns What is gone; the record's notes tell it too.
 */
export function leaveOutPersonal(record: CrashRecord): LeftOut {
  const gone = new Map<string, number>();
  const count = (what: string, times = 1) => {
    if (times > 0) gone.set(what, (gone.get(what) ?? 0) + times);
  };
  const names = namesIn(record);
  const hosts = hostNames(record);
  const home = unusualHome(record);
  leaveOutMemory(record, count);
  leaveOutInputs(record, home, count);
  const patterns = [
    home === null ? null : homePattern(home),
    ...PATTERNS,
    namePattern(names, { what: 'user names', placeholder: '<user>' }),
    namePattern(hosts, { what: 'host names', placeholder: '<host>', flags: 'i' }),
  ].filter((pattern) => pattern !== null);
  replaceIn(record, (text) => replaceAll(text, patterns, count));
  const told = [...gone].map(([what, times]) => `${what} (${times})`);
  if (told.length > 0)
    record.collection.notes.push(`Personal data was left out of this copy: ${told.join(', ')}`);
  return gone;
}

type Count = (what: string, times?: number) => void;

function leaveOutMemory(record: CrashRecord, count: Count): void {
  for (const section of ['stack', 'memory'] as const) {
    if (record[section] === null) continue;
    count(section === 'stack' ? 'words of the stack' : 'pieces of memory', record[section].length);
    record[section] = null;
    record.missing[section] = REASON;
  }
  if (record.collection.core !== null) count('small core');
  record.collection.core = null;
  for (const { frames } of record.threads ?? []) {
    for (const frame of frames ?? []) {
      for (const variable of [...(frame.arguments ?? []), ...(frame.locals ?? [])])
        leaveOutText(variable, count);
    }
  }
}

/** Strings as gdb shows them, and characters, some with their numbers: `"text"...`, `97 'a'`. Zeros say nothing. */
function leaveOutText(variable: Variable, count: Count): void {
  variable.value =
    variable.value?.replace(TEXT, (match) => {
      if (match === '""' || match.endsWith("'\\000'")) return match;
      count('texts in variables');
      return match.startsWith('"') ? '"<text>"' : '<character>';
    }) ?? null;
}

/** What the process was given, and what it and others wrote. */
function leaveOutInputs(record: CrashRecord, home: string | null, count: Count): void {
  const { process, journal, openFiles } = record;
  process.environment = process.environment?.map((entry) => withoutValue(entry, count)) ?? null;
  process.commandLine = process.commandLine && withoutSecrets(process.commandLine, count);
  for (const file of openFiles?.files ?? []) {
    const [, usual] = IN_HOME.exec(file.target) ?? [];
    const above = home !== null && file.target.startsWith(`${home}/`) ? `${home}/` : usual;
    if (above === undefined) continue;
    count('names of files in home directories');
    file.target = `${above}<file>`;
  }
  if (journal === null) return;
  const own = journal.entries.filter(({ why }) => why !== 'machine');
  count("other programs' lines of the journal", journal.entries.length - own.length);
  journal.omitted += journal.entries.length - own.length;
  journal.entries = own;
  for (const entry of own) entry.message = replaceAll(entry.message, WRITTEN_PATTERNS, count);
}

function withoutValue(entry: string, count: Count): string {
  const at = entry.indexOf('=');
  // What has no name is all value.
  const name = at === -1 ? '' : entry.slice(0, at);
  count('values of environment variables');
  return `${name}=<value>`;
}

function withoutSecrets(words: readonly string[], count: Count): string[] {
  return words.map((word, at) => {
    const before = words[at - 1] ?? '';
    if ((at > 1 && SECRET_OPTION.test(before) && !word.startsWith('-')) || (at > 0 && KEY.test(word))) {
      count('secrets');
      return '<secret>';
    }
    return replaceAll(word, WRITTEN_PATTERNS, count);
  });
}

function replaceAll(text: string, patterns: readonly PersonalPattern[], count: Count): string {
  let left = text;
  for (const { what, pattern, replacement } of patterns) {
    left = left.replace(pattern, (match: string, ...groups: unknown[]) => {
      const replaced = replacement(match, ...groups.filter((group) => typeof group === 'string'));
      if (replaced !== null && replaced !== match) count(what);
      return replaced ?? match;
    });
  }
  return left;
}

/** People's: whose process it was, and whose homes are named. */
function namesIn({ process, ...record }: CrashRecord): Set<string> {
  const names = new Set<string>();
  const add = (name: string | undefined) => {
    if (name !== undefined && name.length > 1 && !NOBODY.has(name) && names.size < MAX_NAMES) names.add(name);
  };
  if (process.uid >= FIRST_PERSON) add(process.user ?? undefined);
  for (const entry of process.environment ?? []) {
    const [name = '', value] = entry.split('=');
    if (NAME_VARIABLES.has(name) && (process.uid >= FIRST_PERSON || name === 'SUDO_USER')) add(value);
  }
  const homes = JSON.stringify([process, record]).matchAll(/\/home\/([\w.-]{2,64})(?=[/"])/g);
  for (const [, name] of homes) add(name);
  return names;
}

/** HOME of a person, where it is not what the usual pattern finds; null for none. */
function unusualHome({ process }: CrashRecord): string | null {
  const home = process.uid >= FIRST_PERSON ? variable(process.environment, 'HOME').replace(/\/+$/, '') : '';
  const isUsual = new RegExp(`^${HOMES}[^/\\s"':,;()<>]+$`).test(home);
  const isPath = /^\/[^/]+\/./.test(home) && home.length < MAX_PATH;
  return isPath && !isUsual && !NO_HOME.test(home) ? home : null;
}

/** The machine's and the container's whole name and its first part. */
function hostNames({ machine, process }: CrashRecord): Set<string> {
  const inside = variable(process.environment, 'HOSTNAME');
  const names = [machine.host, ...(HEX_NAME.test(inside) ? [] : [inside])].flatMap((host) => [
    host,
    host.split('.')[0] ?? '',
  ]);
  return new Set(names.filter((name) => name.length > 1 && !NO_HOST.has(name.toLowerCase())));
}

/** Of a variable; empty where there is none. */
function variable(environment: readonly string[] | null, name: string): string {
  return environment?.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/** Every text in a value, in place. */
function replaceIn(value: unknown, replace: (text: string) => string): void {
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>; // An array has the same, by its indexes.
  for (const [key, field] of Object.entries(fields)) {
    if (typeof field !== 'string') replaceIn(field, replace);
    else if (!EXEMPT.has(key) && !HEX.test(field)) fields[key] = replace(field);
  }
}
