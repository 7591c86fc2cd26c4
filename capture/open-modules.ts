import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { openPath } from '../linux/open-path.ts';
import { readFileBuildId } from './build-id.ts';
import type { LoadedModule, MappedFile } from './captured.ts';
import type { FileSystems } from './file-systems.ts';
import type { FoundModule } from './find-modules.ts';

/** Descriptors that we open at most: a helper of the kernel starts with a limit of 1,024. */
const MAX_OPEN_MODULES = 512;
/** How the kernel marks a path whose file has none any more: d_path() in fs/d_path.c. */
const DELETED = Buffer.from(' (deleted)');

/** A module's file, or what stands for it. */
interface OpenedFile {
  fd: number;
  mayBlock: boolean;
}

/**
 * Opens the very files that are mapped, while the process is held: /proc/PID/exe and /proc/PID/map_files/START-END
 * (proc_pid_map_files(5), needs root). They are right also where the path is deleted, replaced, or in another mount
 * namespace. No file system that may not answer is asked for anything.
 *
 * @returns All modules; `fd` is null where the file cannot be opened, and for the vdso. The holder closes them.
 */
export function openModules(
  pid: number,
  found: readonly FoundModule[],
  fileSystems: FileSystems,
): LoadedModule[] {
  let opened = 0;
  return found.map((module) => {
    const file = opened < MAX_OPEN_MODULES ? openModule(pid, module, fileSystems) : null;
    if (file !== null) opened += 1;
    const shown = pathOf(pid, module);
    const isMarked = shown?.subarray(-DELETED.length).equals(DELETED) ?? false;
    const deleted = shown !== null && isMarked && !hasName(file);
    const named = shown !== null && deleted ? shown.subarray(0, -DELETED.length) : shown;
    // Copies: what the notes tell may be a hundred megabytes, which are not needed any more.
    const path = named && Buffer.from(named);
    return {
      name: module.isExecutable && path !== null ? path : Buffer.from(module.name),
      isExecutable: module.isExecutable,
      base: BigInt(module.base),
      start: BigInt(module.start),
      end: BigInt(module.end),
      // Where coredump_filter or damage hides the memory, the file says it as well.
      buildId: module.buildId ?? (file === null || file.mayBlock ? null : buildIdOf(file.fd)),
      path,
      deleted,
      fd: file?.fd ?? null,
      mayBlock: file?.mayBlock ?? false,
    };
  });
}

function buildIdOf(fd: number): string | null {
  try {
    return readFileBuildId(fd);
  } catch {
    // An error of the disk: whoever reads the file itself will say so.
    return null;
  }
}

function openModule(
  pid: number,
  { isExecutable, file }: FoundModule,
  fileSystems: FileSystems,
): OpenedFile | null {
  const path = isExecutable ? `/proc/${pid}/exe` : file === null ? null : mapFile(pid, file);
  if (path === null) return null;
  let fd: number;
  try {
    fd = openPath(path);
  } catch {
    // Without root, without map_files in the kernel, or with the process gone: the analysis looks by path and build-id.
    return null;
  }
  if (fileSystems.mayBlock(fd)) return { fd, mayBlock: true };
  try {
    // Without waiting for whoever holds a lease on it.
    return {
      fd: openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK),
      mayBlock: false,
    };
  } catch {
    return null; // See above.
  } finally {
    closeSync(fd);
  }
}

function mapFile(pid: number, { start, end }: MappedFile): string {
  return `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
}

function pathOf(pid: number, { isExecutable, file }: FoundModule): Buffer | null {
  if (!isExecutable) return file?.path ?? null;
  try {
    return readlinkSync(`/proc/${pid}/exe`, 'buffer');
  } catch {
    // The process is gone, or not ours to look at: NT_FILE has the path as well.
    return file?.path ?? null;
  }
}

/** Whether a file that is marked as deleted is really called `x (deleted)`: then it has a name in its directory. */
function hasName(file: OpenedFile | null): boolean {
  if (file === null || file.mayBlock) return false;
  try {
    return fstatSync(file.fd).nlink > 0;
  } catch {
    // What cannot be asked is what the kernel says.
    return false;
  }
}

/** Closes what {@link openModules} opened. */
export function closeModules(modules: readonly LoadedModule[]): void {
  for (const { fd } of modules) if (fd !== null) closeSync(fd);
}
