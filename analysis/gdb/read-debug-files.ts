import { existsSync } from 'node:fs';
import type { LoadedModule } from '../../capture/captured.ts';
import { MAX_SOURCE_BYTES } from '../cage/source-reader-steps.ts';
import type { SourceFiles } from './source-files.ts';

/** Debug information of a module that its distribution keeps apart. */
export interface DebugFile {
  /** Lower-case hex, of which it has a plausible number. */
  buildId: string;
  bytes: Buffer;
}

/** Modules that are looked for: the executable and the libraries right behind it, the C library among them. */
const MAX_MODULES = 8;
const BUILD_ID = /^[0-9a-f]{2}[0-9a-f]{2,62}$/;

/**
 * Reads the debug files that a container has of its modules: gdb sees only those of this machine.
 *
 * @param files Of a process with mounts of its own.
 */
export async function readDebugFiles(
  modules: readonly LoadedModule[],
  files: SourceFiles,
): Promise<DebugFile[]> {
  const found: DebugFile[] = [];
  const buildIds = modules.flatMap(({ buildId }) =>
    buildId !== null && BUILD_ID.test(buildId) ? [buildId] : [],
  );
  for (const buildId of buildIds.slice(0, MAX_MODULES)) {
    const path = `/usr/lib/debug/${debugName(buildId)}`;
    if (existsSync(path)) continue;
    const bytes = await files.read(Buffer.from(path));
    // What was cut is no ELF file any more.
    if (bytes !== null && bytes.length > 0 && bytes.length < MAX_SOURCE_BYTES) found.push({ buildId, bytes });
  }
  return found;
}

/** Where gdb looks for it, below a directory of debug files. */
export function debugName(buildId: string): string {
  return `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
}
