import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { readFileBuildId } from '../../capture/build-id.ts';
import { type Check, ok, warn } from './check.ts';

/** Where gdb looks for debug files by build-id. */
const DEBUG_FILES = '/usr/lib/debug/.build-id';
/** glibc's and musl's, as they are mapped into every program. */
const LIBC = /(\/\S*\/(?:libc\.so\.6|libc-[\d.]+\.so|ld-musl-\S+|libc\.musl-\S+))$/m;

/** Without debug symbols frames have no lines and variables. The C library is in every backtrace, so it stands for all. */
export const debugSymbols: Check = {
  name: 'debug symbols',
  look({ distribution: { name, libcSymbols, symbols, debuginfod } }) {
    const libc = LIBC.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1] ?? null;
    const buildId = libc === null ? null : buildIdOf(libc);
    const isThere = buildId !== null && existsSync(debugFileOf(buildId));
    const others = `of other packages, on ${name}: ${symbols}`;
    const byHand =
      debuginfod === null
        ? ''
        : `. For gdb by hand: DEBUGINFOD_URLS=${debuginfod} (the collector itself asks no network)`;
    if (isThere) return ok(`those of ${libc} are there; ${others}${byHand}`);
    return warn(
      `those of the C library (${libc ?? 'not found'}, build-id ${buildId ?? 'unknown'}) are not in /usr/lib/debug: frames have no lines and variables`,
      `${libcSymbols}; ${others}${byHand}`,
    );
  },
};

function debugFileOf(buildId: string): string {
  return `${DEBUG_FILES}/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
}

function buildIdOf(path: string): string | null {
  const fd = openSync(path, 'r');
  try {
    return readFileBuildId(fd);
  } finally {
    closeSync(fd);
  }
}
