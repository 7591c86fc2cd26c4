import { constants, openSync } from 'node:fs';
import type { LoadedModule } from '../capture/captured.ts';
import { bytesOfText } from '../report/bytes-text.ts';
import type { Module } from '../report/record.ts';

/**
 * The modules of a record whose process is long gone, opened by their paths. Another file may lie there by now: gdb's
 * driver compares build-ids before it uses one. The caller closes the descriptors.
 *
 * @param executable The executable's path, to tell it from the libraries.
 */
export function reopenModules(modules: readonly Module[], executable: string | null): LoadedModule[] {
  return modules.map((module) => {
    const path = module.path === null ? null : bytesOfText(module.path);
    return {
      name: bytesOfText(module.name),
      isExecutable: module.path !== null && module.path === executable,
      base: BigInt(`0x${module.base}`),
      start: BigInt(`0x${module.start}`),
      end: BigInt(`0x${module.end}`),
      buildId: module.buildId,
      path,
      deleted: module.deleted ?? false,
      fd: path === null || module.deleted === true ? null : openOrNull(path),
      mayBlock: false,
    };
  });
}

function openOrNull(path: Buffer): number | null {
  try {
    // Without waiting: a path may be a FIFO by now.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Removed since, or in a container that is gone: gdb goes without its symbols and the report says so.
    return null;
  }
}
