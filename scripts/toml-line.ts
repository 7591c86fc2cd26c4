import type { ListSetting, Setting } from '../config/setting.ts';

/** A setting's default as a line of the configuration: `slots = 100`, `max-bytes = "10%"`, `exclude = []`. */
export function tomlLine(setting: Setting<unknown> | ListSetting<unknown>): string {
  if ('isList' in setting) return `${setting.name} = []`;
  const isPlain = /^(?:\d+|true|false)$/.test(setting.fallback);
  return `${setting.name} = ${isPlain ? setting.fallback : JSON.stringify(setting.fallback)}`;
}
