import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedModule } from '../../capture/captured.ts';

/** Where libstdc++ registers its printers for gdb, by the paths of Debian, Fedora, SUSE and Arch. */
const AUTO_LOAD = '/usr/share/gdb/auto-load/usr';
/** Debian and Ubuntu put them a directory deeper than lib64 does. */
const SEARCH_DEPTH = 2;

/** Whether values may be of C++: a static executable may hold libstdc++ without saying so. */
export function mayHoldCxx(modules: readonly LoadedModule[]): boolean {
  const libraries = modules.filter(({ isExecutable, fd }) => !isExecutable && fd !== null);
  return libraries.length === 0 || libraries.some(({ name }) => name.includes('libstdc++'));
}

/**
 * The command that lets gdb print C++'s strings and containers, for all object files: what the auto-loaded script of libstdc++ does,
 * with a directory that does not depend on their names.
 *
 * @returns Null where this machine has no printers. They cost the time in which gdb's Python reads them.
 */
export function cxxPrinters(): string | null {
  const directory = printerDirectory();
  if (directory === null) return null;
  return (
    `python import sys; sys.path.insert(0, '${directory}'); ` +
    'from libstdcxx.v6 import register_libstdcxx_printers; register_libstdcxx_printers(None)'
  );
}

/** The directory that the system's own auto-load script for libstdc++ names; null where there is none. */
function printerDirectory(): string | null {
  for (const script of scriptsIn(AUTO_LOAD, SEARCH_DEPTH)) {
    const directory = /^pythondir = '(\/[\w./+-]+)'$/m.exec(readFileSync(script, 'utf8'))?.[1];
    if (directory !== undefined && existsSync(directory) && statSync(directory).uid === 0) return directory;
  }
  return null;
}

function* scriptsIn(directory: string, depth: number): Generator<string> {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isFile() && /^libstdc\+\+\.so\..*-gdb\.py$/.test(entry.name)) yield path;
    if (entry.isDirectory() && depth > 0 && entry.name !== 'jvm') yield* scriptsIn(path, depth - 1);
  }
}
