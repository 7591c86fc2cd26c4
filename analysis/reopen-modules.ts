import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { LoadedModule } from '../capture/captured.ts';
import { FileSystems } from '../capture/file-systems.ts';
import { asRoot } from '../linux/as-root.ts';
import { openPath } from '../linux/open-path.ts';
import { findInRoot } from '../linux/openat2.ts';
import { bytesOfText, textOfBytes } from '../report/bytes-text.ts';
import type { Record as CrashRecord } from '../report/record.ts';
import { mayRead } from './may-read.ts';

/** A file that somebody has kept open since the process was held. */
export type KeptFile = Pick<LoadedModule, 'mayBlock'> & { fd: number };

/** Another root directory than this machine's, in which the files are looked for. */
export interface ModuleRoot {
  /** Open directory, which the paths do not lead out of. */
  fd: number;
  /** Who could have read the files. */
  reader: { uid: number; gid: number };
}

/** Files that cannot be opened are named up to this many; the rest is counted. */
const MAX_NAMED = 8;

/** The modules of a record, whose process is long gone; none of them is opened. */
export function recordedModules({ modules, process }: CrashRecord): LoadedModule[] {
  return (modules ?? []).map((module) => ({
    name: bytesOfText(module.name),
    isExecutable: module.path !== null && module.path === process.exe,
    base: BigInt(`0x${module.base}`),
    start: BigInt(`0x${module.start}`),
    end: BigInt(`0x${module.end}`),
    buildId: module.buildId,
    path: module.path === null ? null : bytesOfText(module.path),
    deleted: module.deleted ?? false,
    fd: null,
    mayBlock: false,
  }));
}

/**
 * The modules of a record with their files: those that were kept, and the others opened by their paths. Another file may
 * lie there by now: gdb's driver compares build-ids before it uses one, and one without a build-id must not have changed
 * since the crash.
 *
 * @param kept By index in the record's `modules`; their descriptors stay the caller's.
 * @param root Null for this machine's.
 * @returns `opened` are the caller's to close; `notes` says in words for the report what cannot be opened any more.
 */
export function reopenModules(
  record: CrashRecord,
  kept: ReadonlyMap<number, KeptFile>,
  root: ModuleRoot | null = null,
): { modules: LoadedModule[]; opened: number[]; notes: string[] } {
  const fileSystems = new FileSystems(process.pid);
  const opened: number[] = [];
  const gone: string[] = [];
  const modules = recordedModules(record).map((module, index) => {
    const file = kept.get(index) ?? reopen(module, record, { fileSystems, root });
    if (file !== null && !kept.has(index)) opened.push(file.fd);
    if (file === null && module.path !== null) {
      gone.push(module.isExecutable ? 'the executable' : textOfBytes(module.path));
    }
    return { ...module, ...file };
  });
  return { modules, opened, notes: notesOf(gone) };
}

function notesOf(gone: readonly string[]): string[] {
  const notes = gone
    .slice(0, MAX_NAMED)
    .map((name) => `${name} cannot be opened any more, so its symbols were not used`);
  const left = gone.length - notes.length;
  return left > 0 ? [...notes, `${left} more libraries cannot be opened any more`] : notes;
}

/** Null where there is no such file any more, or another one. */
function reopen(
  module: LoadedModule,
  { at, process: user }: CrashRecord,
  { fileSystems, root }: { fileSystems: FileSystems; root: ModuleRoot | null },
): KeptFile | null {
  const { path } = module;
  if (path === null || module.deleted) return null;
  let link: number;
  try {
    link = asRoot(() => (root === null ? openPath(path) : findInRoot(root.fd, path)));
  } catch {
    return null; // Removed since, or in a mount namespace that is not ours.
  }
  if (fileSystems.mayBlock(link)) return { fd: link, mayBlock: true };
  try {
    const stats = fstatSync(link);
    // ctime: a file that was moved there keeps the time of its content.
    if (!stats.isFile()) return null;
    // Without one, nothing tells a file of ours from the one of that path which the process saw.
    // In a directory that somebody has named it is taken as it lies there.
    const isUnnamed = module.buildId === null && root === null;
    if (isUnnamed && (user.ownMounts === true || stats.ctimeMs > at.us / 1000)) return null;
    // The dead process has said what it had mapped: root opens nothing for it that it could not have opened itself.
    const reader = root?.reader ?? user;
    if (reader.uid !== 0 && !mayRead(stats, reader)) return null;
    const fd = asRoot(() => openSync(`/proc/self/fd/${link}`, constants.O_RDONLY | constants.O_NONBLOCK));
    return { fd, mayBlock: false };
  } catch {
    return null; // Not readable even for root: there are such file systems.
  } finally {
    closeSync(link);
  }
}
