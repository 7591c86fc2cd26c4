import { messageOf } from '../errors/usercrash-error.ts';
import { type ConfigFiles, type Given, readConfigFiles } from './read-config-files.ts';
import { ALL_SETTINGS, type ServerSettings, type SettingKey } from './server-settings.ts';
import { variableOf } from './setting.ts';

/** What is in force, and why. */
export interface EffectiveSettings {
  settings: ServerSettings;
  /** Where each value came from, for a person: `default`, `/etc/usercrash/usercrash.toml:12`, `USERCRASH_SLOTS`, `--slots`. */
  origins: ReadonlyMap<SettingKey, Given>;
  /** What the files say, by name. */
  fromFiles: ReadonlyMap<string, Given>;
  /** In words, one a line: what was not understood, and what holds instead. */
  problems: string[];
}

/** Where settings come from, in rising order. */
export interface SettingSources {
  /** Path of the file; its drop-ins lie beside it. */
  file: string;
  /** Values of files that were understood before, by name. */
  lastGood: ReadonlyMap<string, readonly string[]>;
  env: Readonly<Record<string, string | undefined>>;
  /** By name; checked already. */
  flags: ReadonlyMap<string, readonly string[]>;
}

/**
 * The settings in force. Never throws: instead of a value that is wrong the last one that was right holds, or the next lower
 * source's, and `problems` says so.
 */
export function effectiveSettings({ file, lastGood, env, flags }: SettingSources): EffectiveSettings {
  const files = readConfigFiles(file);
  const problems = [...files.problems, ...unknownNames(files)];
  const values = new Map<SettingKey, unknown>();
  const origins = new Map<SettingKey, Given>();
  for (const [key, setting] of ALL_SETTINGS) {
    const fallback = 'isList' in setting ? [] : [setting.fallback];
    const given = files.given.get(setting.name);
    const last = lastGood.get(setting.name);
    const variable = variableOf(setting);
    const fromEnv = env[variable];
    const flag = flags.get(setting.name);
    const candidates: (Given | null)[] = [
      { texts: fallback, origin: 'default' },
      // Only where the files say something of it, or may have.
      last !== undefined && (given !== undefined || files.isIncomplete)
        ? { texts: [...last], origin: 'the file as it was' }
        : null,
      given ?? null,
      fromEnv === undefined || fromEnv === ''
        ? null
        : { texts: 'isList' in setting ? fromEnv.split(',') : [fromEnv], origin: variable },
      flag === undefined ? null : { texts: [...flag], origin: `--${setting.name}` },
    ];
    for (const candidate of candidates) {
      if (candidate === null) continue;
      const read = readValue(setting, candidate.texts);
      if ('value' in read) {
        values.set(key, read.value);
        origins.set(key, candidate);
      } else {
        const instead = origins.get(key);
        problems.push(
          `${candidate.origin}: ${setting.name} = ${candidate.texts.join(', ')}: ${read.problem} In force: ${instead?.texts.join(', ')} (${instead?.origin}).`,
        );
      }
    }
  }
  // A value of each setting by its own parser: TypeScript cannot follow the loop.
  return {
    settings: Object.fromEntries(values) as unknown as ServerSettings,
    origins,
    fromFiles: files.given,
    problems,
  };
}

function readValue(
  setting: (typeof ALL_SETTINGS)[number][1],
  texts: readonly string[],
): { value: unknown } | { problem: string } {
  try {
    if ('isList' in setting) return { value: texts.map((text) => setting.parse(text)) };
    const [text = ''] = texts;
    if (texts.length !== 1) return { problem: 'It is one value, and no list.' };
    return { value: setting.parse(text) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function unknownNames({ given }: ConfigFiles): string[] {
  const known = ALL_SETTINGS.map(([, { name }]) => name);
  const unknown = [...given].filter(([name]) => !known.includes(name));
  return unknown.map(
    ([name, { origin }]) => `${origin}: there is no setting ${name}; there are ${known.join(', ')}`,
  );
}
