import { type EffectiveSettings, effectiveSettings } from './effective-settings.ts';
import { readLastGood } from './last-good-settings.ts';
import type { Paths } from './paths.ts';

/**
 * The settings of a server that starts now, by the machine's files: see {@link effectiveSettings}.
 *
 * @param flags By name; checked already.
 */
export function settingsInForce(
  { configFile, stateDir }: Pick<Paths, 'configFile' | 'stateDir'>,
  env: Readonly<Record<string, string | undefined>>,
  flags: ReadonlyMap<string, readonly string[]> = new Map(),
): EffectiveSettings {
  return effectiveSettings({ file: configFile, lastGood: readLastGood(stateDir), env, flags });
}
