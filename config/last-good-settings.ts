import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Given } from './read-config-files.ts';

/** In the state directory. */
const FILE = 'last-good-settings.json';

/**
 * What the configuration files said when all of it was understood the last time, so that a slip of the pen changes nothing.
 *
 * @returns By name; empty where there is no such time.
 */
export function readLastGood(stateDir: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(stateDir, FILE), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return settings;
    for (const [name, texts] of Object.entries(parsed)) {
      if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) settings.set(name, texts);
    }
  } catch {
    // There is none yet, or it is damaged: the defaults hold.
  }
  return settings;
}

/** @throws Node's error where it cannot be written. */
export function keepLastGood(stateDir: string, given: ReadonlyMap<string, Given>): void {
  if (given.size === 0) {
    rmSync(join(stateDir, FILE), { force: true });
    return;
  }
  mkdirSync(stateDir, { recursive: true, mode: 0o755 });
  const settings = Object.fromEntries([...given].map(([name, { texts }]) => [name, texts]));
  const temporary = join(stateDir, `.${FILE}.tmp`);
  writeFileSync(temporary, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  renameSync(temporary, join(stateDir, FILE));
}
