import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import { asRoot } from '../linux/as-root.ts';
import { openPath } from '../linux/open-path.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { readFileBuildId } from './build-id.ts';
import type { LoadedModule, MappedFile } from './captured.ts';
import type { FileSystems } from './file-systems.ts';
import type { FoundModule } from './find-modules.ts';
import { MappedInodes } from './mapped-inodes.ts';
import { openNamed } from './open-named.ts';
import { parseLimits } from './proc/parse-limits.ts';
import { readProcFile } from './read-proc-file.ts';

/** Files that are opened at most: gdb gets as many libraries (choose-files.ts). LibreOffice has 250. */
const MAX_OPEN_MODULES = 1024;
/** So many in any case: a helper of the kernel starts with a limit of 1,024 descriptors, which Node raises as far as it may. */
const SURE_MODULES = 256;
const MAX_LIMITS_BYTES = 4096;
/** How the kernel marks a path whose file has none any more: d_path() in fs/d_path.c. */
const DELETED = Buffer.from(' (deleted)');

/** A module's file, or what stands for it. */
interface OpenedFile {
  fd: number;
  mayBlock: boolean;
}

/** What opening the files of one process needs. */
interface Opening {
  pid: number;
  fileSystems: FileSystems;
  inodes: MappedInodes;
}

/**
 * Opens the very files that are mapped, while the process is held: /proc/PID/exe and /proc/PID/map_files/START-END
 * (proc_pid_map_files(5)). They are right also where the path is deleted, replaced, or in another mount namespace. map_files needs
 * root: without it what lies at the path is taken, where build-id or inode say that it is what is mapped. No file system that
 * may not answer is asked for anything.
 *
 * @param to `warnings` gets for how many there is no file, and why.
 * @returns All modules; `fd` is null where the file cannot be opened, and for the vdso. The holder closes them.
 */
export function openModules(
  pid: number,
  found: readonly FoundModule[],
  { fileSystems, warnings }: { fileSystems: FileSystems; warnings: string[] },
): LoadedModule[] {
  const most = found.length <= SURE_MODULES ? SURE_MODULES : mostModules();
  const opening = { pid, fileSystems, inodes: new MappedInodes(pid) };
  let opened = 0;
  let overLimit = 0;
  const failures: string[] = [];
  const modules = found.map((module) => {
    let file: OpenedFile | null = null;
    if (opened === most) overLimit += module.file === null ? 0 : 1;
    else file = openModule(opening, module, failures);
    if (file !== null) opened += 1;
    const shown = pathOf(pid, module);
    const isMarked = shown?.subarray(-DELETED.length).equals(DELETED) ?? false;
    const deleted = shown !== null && isMarked && !hasName(shown, file, opening);
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
  const without = (count: number, why: string) =>
    warnings.push(
      `modules: of ${found.length} the files of ${count} were not opened (${why}): no symbols of those`,
    );
  if (overLimit > 0) without(overLimit, `no more than ${most} are`);
  if (failures.length > 0) without(failures.length, failures[0] ?? '');
  return modules;
}

/** Half of what this process may have: others need some as well. */
function mostModules(): number {
  const limits = parseLimits(readProcFile('/proc/self/limits', MAX_LIMITS_BYTES).bytes);
  const soft = limits.find(({ name }) => name === 'Max open files')?.soft;
  return Math.max(SURE_MODULES, Math.min(MAX_OPEN_MODULES, Math.floor(Number(soft ?? 0) / 2)));
}

function buildIdOf(fd: number): string | null {
  try {
    return readFileBuildId(fd);
  } catch {
    // An error of the disk: whoever reads the file itself will say so.
    return null;
  }
}

/** @param failures Gets why there is none, where there should be one. */
function openModule(opening: Opening, module: FoundModule, failures: string[]): OpenedFile | null {
  const { pid, fileSystems } = opening;
  const { isExecutable, file } = module;
  const path = isExecutable ? `/proc/${pid}/exe` : file === null ? null : mapFile(pid, file);
  if (path === null) return null;
  let fd: number;
  try {
    fd = asRoot(() => openPath(path));
  } catch (error) {
    // Root believes no path: whoever is looked at may have put another file there.
    const isForbidden = hasErrno(error, 'EPERM', 'EACCES');
    const isThis = (place: number) => isMapped(place, module, opening);
    const named = isForbidden && file !== null ? openNamed(file.path, opening, isThis) : null;
    if (named === null) {
      failures.push(messageOf(error));
      return null;
    }
    fd = named;
  }
  if (fileSystems.mayBlock(fd)) return { fd, mayBlock: true };
  try {
    return { fd: asRoot(() => openForReading(fd)), mayBlock: false };
  } catch (error) {
    failures.push(messageOf(error));
    return null;
  } finally {
    closeSync(fd);
  }
}

/** Without waiting for whoever holds a lease on it. */
function openForReading(place: number): number {
  return openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Whether a file is the one that is mapped: by what memory says, and where that says nothing by its inode. */
function isMapped(place: number, { buildId, file }: FoundModule, { inodes }: Opening): boolean {
  const stats = statOf(place);
  if (stats === null || !stats.isFile() || file === null) return false;
  if (buildId === null) return inodes.isAt(file.start, stats);
  let fd: number;
  try {
    fd = openForReading(place);
  } catch {
    return false; // Not ours to read: no symbols either way.
  }
  try {
    return buildIdOf(fd) === buildId;
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
    return asRoot(() => readlinkSync(`/proc/${pid}/exe`, 'buffer'));
  } catch {
    // The process is gone, or not ours to look at: NT_FILE has the path as well.
    return file?.path ?? null;
  }
}

/**
 * Whether a file that is marked as deleted is really called `x (deleted)`: then its path leads to it. That it has a link left says
 * nothing: that may be another one.
 */
function hasName(shown: Buffer, file: OpenedFile | null, opening: Opening): boolean {
  const stats = file === null || file.mayBlock ? null : statOf(file.fd);
  // What cannot be asked is what the kernel says.
  if (stats === null) return false;
  const fd = openNamed(shown, opening, (place) => {
    const there = statOf(place);
    return there?.ino === stats.ino && there.dev === stats.dev;
  });
  if (fd !== null) closeSync(fd);
  return fd !== null;
}

function statOf(fd: number): Stats | null {
  try {
    return fstatSync(fd);
  } catch {
    return null; // An error of the disk: nothing is known of it.
  }
}

/** Closes what {@link openModules} opened. */
export function closeModules(modules: readonly LoadedModule[]): void {
  for (const { fd } of modules) if (fd !== null) closeSync(fd);
}
