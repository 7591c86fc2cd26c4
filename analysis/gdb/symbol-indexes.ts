import { execFileSync } from 'node:child_process';
import { chmodSync, constants, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../../linux/system-call-error.ts';
import { SAFE_PYTHON } from './safe-settings.ts';

/** In the run directory. */
const DIRECTORY = 'symbol-indexes';
/** libc's takes a quarter of a second. */
const MAKE_MS = 60_000;
/** /proc/PID/maps: what the dynamic linker has loaded from the system's directories. */
const LIBRARY = /^\S+ r-xp .* (\/(?:usr\/)?lib[\w./+-]*\.so[\w.+-]*)$/gm;

/**
 * Lets gdb write down what it finds in the debug information of the libraries that nearly every program has, so that it need not
 * search it in each report: of an analysis of 190 ms the C library's takes 50. Made as root, of libraries that this process runs itself;
 * gdb finds an index by its library's build-id, and makes none while it looks at a crash.
 *
 * @param runDir Where they are kept, until the machine is started again.
 * @throws Node's error where the directory cannot be made, or gdb has not ended.
 */
export function makeSymbolIndexes(runDir: string, gdbPath: string): void {
  const directory = join(runDir, DIRECTORY);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const maps = readFileSync('/proc/self/maps', 'latin1');
  const libraries = new Set([...maps.matchAll(LIBRARY)].map((match) => match[1] ?? ''));
  const before = [
    'set auto-load no',
    'set debuginfod enabled off',
    ...indexCacheSettings(directory).map((setting) => `set ${setting}`),
  ].flatMap((line) => ['-iex', line]);
  const open = [...libraries].flatMap((library) => ['-ex', `file ${library}`]);
  execFileSync(gdbPath, ['-nx', '-batch', ...before, ...open], {
    stdio: 'ignore',
    timeout: MAKE_MS,
    env: { LC_ALL: 'C.UTF-8', HOME: '/nonexistent', ...SAFE_PYTHON },
  });
  // gdb lets nobody else read them; they tell what the distribution's packages tell everybody.
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o644);
}

/**
 * @returns A descriptor of the directory, which is the caller's: whoever has given root up does not come to it by its path. Null where
 *   there is none.
 */
export function openSymbolIndexes(runDir: string): number | null {
  try {
    return openSync(
      join(runDir, DIRECTORY),
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return null;
    throw error;
  }
}

/** What gdb is told, so that it looks for indexes in a directory. */
export function indexCacheSettings(directory: string): string[] {
  return [`index-cache directory ${directory}`, 'index-cache enabled on'];
}
