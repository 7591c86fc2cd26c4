import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasErrno } from '../../linux/system-call-error.ts';
import { isOurPattern } from '../../protocol/core-pattern.ts';
import { type Check, ok, warn } from './check.ts';

/** Where systemd-sysctl(8) reads, the first wins for files of one name. */
const DIRECTORIES = [
  '/etc/sysctl.d',
  '/run/sysctl.d',
  '/usr/local/lib/sysctl.d',
  '/usr/lib/sysctl.d',
  '/lib/sysctl.d',
];
const SETTING = /^\s*-?\s*kernel[./]core_pattern\s*=\s*(.*?)\s*$/;

/** What will core_pattern be after the next boot, before services start? */
export const bootCorePattern: Check = {
  name: 'next boot',
  look({ paths, services }) {
    const last = sysctlFiles()
      .flatMap((path) => settingsIn(path))
      .at(-1);
    if (last === undefined) return ok('no file of sysctl.d sets core_pattern');
    if (isOurPattern(last.value, paths.runDir)) return ok(`${last.path} sets core_pattern to ours`);
    return warn(
      `${last.path} sets core_pattern to ${last.value}: until our service starts, and after each sysctl --system`,
      services.enable,
    );
  },
};

/** In the order in which they are applied: by name, whichever directory. */
function sysctlFiles(): string[] {
  const byName = new Map<string, string>();
  for (const directory of DIRECTORIES) {
    for (const name of namesIn(directory)) {
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, join(directory, name));
    }
  }
  const paths = [...byName.values()];
  return paths.sort((one, other) => (basename(one) < basename(other) ? -1 : 1));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function settingsIn(path: string): { path: string; value: string }[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.flatMap((line) => {
      const value = SETTING.exec(line)?.[1];
      return value === undefined ? [] : [{ path, value }];
    });
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return []; // A link to nowhere is how a file is masked.
    throw error;
  }
}
