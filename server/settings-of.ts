import { type Command, InvalidArgumentError } from 'commander';
import { SERVER_SETTINGS, type ServerSettings, type Setting } from '../config/server-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';

/**
 * Gives a command the flags of all settings.
 *
 * @returns The settings in force, once the command has been parsed.
 */
export function settingsOf(command: Command): () => ServerSettings {
  const settings: [string, Setting<unknown>][] = Object.entries(SERVER_SETTINGS);
  const values = new Map(settings.map(([key, { fallback, parse }]) => [key, parse(fallback)]));
  for (const [key, { name, placeholder, description, fallback, parse }] of settings) {
    const read = (text: string) => {
      try {
        values.set(key, parse(text));
      } catch (error) {
        throw new InvalidArgumentError(messageOf(error));
      }
      return text;
    };
    command.option(`--${name} <${placeholder}>`, description, read, fallback);
  }
  // A value of each setting by its own parser: TypeScript cannot follow the loop.
  return () => Object.fromEntries(values) as unknown as ServerSettings;
}
