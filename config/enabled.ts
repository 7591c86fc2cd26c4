import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CoreSysctls, isCoreSysctls } from '../linux/core-pattern.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { replaceFile } from './replace-file.ts';

/** What `crashlogctl enable` has noted: how far it came, and what `disable` puts back (docs/decisions/034). */
export interface Enabled {
  /** `enabling` and `disabling` are left by one that was interrupted. */
  state: 'enabling' | 'enabled' | 'disabling';
  /** Of the collector that core_pattern names. */
  runDir: string;
  /** What was there before us. */
  before: CoreSysctls;
  /** What we have set instead of `before.corePipeLimit`. */
  corePipeLimit: number;
  /** Absolute paths of the files that `enable` has made, as the machine itself calls them, each noted before it was. */
  made: readonly string[];
}

/** In the state directory. */
const FILE = 'enabled.json';

/** @returns Null where collection is not enabled, or where the file is damaged: then what there was before us is not known. */
export function readEnabled(stateDir: string): Enabled | null {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(join(stateDir, FILE), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
  return isEnabled(read) ? read : null;
}

/** Whole or not at all, and on the disk when it returns: what is changed next can be put back from it. */
export function writeEnabled(stateDir: string, enabled: Enabled): void {
  replaceFile(join(stateDir, FILE), `${JSON.stringify(enabled)}\n`, 0o600);
}

/** Nothing is to be put back any more. */
export function forgetEnabled(stateDir: string): void {
  rmSync(join(stateDir, FILE), { force: true });
}

function isEnabled(value: unknown): value is Enabled {
  if (typeof value !== 'object' || value === null) return false;
  const { state, runDir, before, corePipeLimit, made }: Partial<Record<keyof Enabled, unknown>> = value;
  return (
    (state === 'enabling' || state === 'enabled' || state === 'disabling') &&
    typeof runDir === 'string' &&
    isCoreSysctls(before) &&
    typeof corePipeLimit === 'number' &&
    Array.isArray(made) &&
    made.every((path) => typeof path === 'string')
  );
}
