import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { findInRoot } from '../../linux/openat2.ts';
import { readFileBuildId } from '../build-id.ts';
import type { LoadedModule } from '../captured.ts';
import type { FoundModule } from '../find-modules.ts';

/** Descriptors that are opened at most. */
const MAX_OPEN_MODULES = 1000;
/** Names of files that were not found, in the warning. */
const MAX_TOLD_NAMES = 8;
const MAX_TOLD_LENGTH = 64;
const DELETED = Buffer.from(' (deleted)');
const SLASH = 0x2f;

/** Where the files of a core's modules are looked for. */
export interface ModuleFiles {
  /** Directory that holds the file tree of the machine that crashed: `/` for this one. */
  sysroot: string;
  /** The executable, wherever it lies; null to look for it as for the others. */
  executable: { path: Buffer; fd: number } | null;
}

/**
 * Opens the files of a core's modules: by their paths below the sysroot, then by their names alone in its top directory.
 * A file of another build-id is passed over, where both have one.
 *
 * @param warnings Gets which were not found, and how many were not looked for.
 * @returns All modules. `fd` is null where there is no file; the caller closes the others, the executable's among them.
 * @throws Node's error where the sysroot is no directory.
 */
export function openModuleFiles(
  found: readonly FoundModule[],
  files: ModuleFiles,
  warnings: string[],
): LoadedModule[] {
  const root = openSync(files.sysroot, constants.O_RDONLY | constants.O_DIRECTORY);
  let opened = 0;
  let overLimit = 0;
  const missing: string[] = [];
  try {
    const modules = found.map((module) => {
      const paths = pathsOf(module);
      const given = module.isExecutable ? files.executable : null;
      const isLookedFor = opened < MAX_OPEN_MODULES;
      const file = given ?? (isLookedFor ? openFirst(root, paths, module.buildId) : null);
      if (file !== null) opened += 1;
      else if (!isLookedFor) overLimit += 1;
      else if (paths.length > 0) missing.push(nameIn(paths));
      const named = file?.path ?? paths[0] ?? null;
      // Copies, so that the notes need not stay.
      const path = named && Buffer.from(named);
      return {
        name: module.isExecutable && path !== null ? path : Buffer.from(module.name),
        isExecutable: module.isExecutable,
        base: BigInt(module.base),
        start: BigInt(module.start),
        end: BigInt(module.end),
        buildId: module.buildId,
        path,
        deleted: false,
        fd: file?.fd ?? null,
        mayBlock: false,
      };
    });
    if (overLimit > 0)
      warnings.push(
        `modules: of ${found.length} the files of ${overLimit} were not looked for (no more than ${MAX_OPEN_MODULES} are): no symbols of those`,
      );
    if (missing.length > 0) warnings.push(toldMissing(missing, files.sysroot));
    return modules;
  } finally {
    closeSync(root);
  }
}

/** gdb unwinds by what stands in the files: without them frames are guessed, which looks like damage. */
function toldMissing(names: readonly string[], sysroot: string): string {
  const more = names.length > MAX_TOLD_NAMES ? ` and ${names.length - MAX_TOLD_NAMES} more` : '';
  const where = sysroot === '/' ? 'not found' : 'not found below the sysroot';
  return `modules: ${where}, or only of another build: ${names.slice(0, MAX_TOLD_NAMES).join(', ')}${more}: frames in them, and behind those, may be wrong`;
}

/** The file's own name. */
function nameIn(paths: readonly Buffer[]): string {
  const bare = paths.at(-1) ?? Buffer.alloc(0);
  return bare.subarray(0, MAX_TOLD_LENGTH).toString();
}

/** Names under which a module's file may lie, the most likely first. */
function pathsOf({ file, name }: FoundModule): Buffer[] {
  const shown = file?.path ?? null;
  const isMarked = shown?.subarray(-DELETED.length).equals(DELETED) ?? false;
  const mapped = shown !== null && isMarked ? shown.subarray(0, -DELETED.length) : shown;
  const full = [mapped, name].filter((path) => path !== null && path[0] === SLASH);
  const known = full.filter((path) => path !== null);
  const bare = known.slice(0, 1).map((path) => path.subarray(path.lastIndexOf(SLASH) + 1));
  return [...known, ...bare];
}

function openFirst(
  root: number,
  paths: readonly Buffer[],
  buildId: string | null,
): { path: Buffer; fd: number } | null {
  for (const path of paths) {
    const fd = openFile(root, path);
    if (fd === null) continue;
    const found = readFileBuildId(fd);
    if (buildId === null || found === null || found === buildId) return { path, fd };
    closeSync(fd);
  }
  return null;
}

/** Opens a regular file and nothing else, as a core may name anything. */
function openFile(root: number, path: Buffer): number | null {
  let place: number;
  try {
    place = findInRoot(root, path);
  } catch {
    return null; // Nothing there: a warning names what was not found.
  }
  try {
    // Files of /proc have no size, and reading some of them takes away what they hold (kmsg).
    const stats = fstatSync(place);
    if (!stats.isFile() || stats.size === 0) return null;
    // Without waiting for whoever holds a lease on it.
    return openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null; // Not for us.
  } finally {
    closeSync(place);
  }
}
