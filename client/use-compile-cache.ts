import { join } from 'node:path';

/**
 * Lets V8 keep the compiled form of what is loaded from here on: the client's second half is a megabyte of source, and
 * compiling it takes 60 ms every time otherwise. The run directory is root's alone, and empty after a reboot, so
 * the first client after one fills it.
 */
export function useCompileCache(runDir: string): void {
  // Not imported: node:module is wanted by nobody else, and this file is loaded while a process is held.
  process.getBuiltinModule('node:module').enableCompileCache(join(runDir, 'compile-cache'));
}
