import { type Command, InvalidArgumentError, Option } from 'commander';
import { ALL_SETTINGS } from '../config/server-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';

/**
 * Gives a command the flags of all settings.
 *
 * @returns What was given, by the setting's name, once the command has been parsed.
 */
export function settingFlags(command: Command): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, string[]>();
  for (const [, setting] of ALL_SETTINGS) {
    const { name, placeholder, description, parse } = setting;
    const isList = 'isList' in setting;
    if (placeholder === null && !isList) {
      const isOn = setting.fallback === 'true';
      for (const value of [true, false]) {
        const flag = new Option(
          value ? `--${name}` : `--no-${name}`,
          value ? description : `off: ${description}`,
        );
        // The one that changes nothing by itself only takes back what a file says.
        command.addOption(value === isOn ? flag.hideHelp() : flag);
        command.on(`option:${value ? name : `no-${name}`}`, () => given.set(name, [String(value)]));
      }
      continue;
    }
    const read = (text: string) => {
      try {
        parse(text);
      } catch (error) {
        throw new InvalidArgumentError(messageOf(error));
      }
      given.set(name, isList ? [...(given.get(name) ?? []), text] : [text]);
      return text;
    };
    const text = isList ? `${description} (repeatable)` : `${description} (default: ${setting.fallback})`;
    command.option(`--${name} <${placeholder}>`, text, read);
  }
  return given;
}
