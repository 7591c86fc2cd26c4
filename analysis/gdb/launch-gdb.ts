import { closeSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedModule } from '../../capture/captured.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { textOfBytes } from '../../report/bytes-text.ts';
import type { CageLink } from '../cage/cage-steps.ts';
import { cageUser } from '../cage/cage-user.ts';
import { FIRST_DESCRIPTOR } from '../cage/start-caged.ts';
import { buildSysroot, type SysrootFile } from './build-sysroot.ts';
import { chooseFiles } from './choose-files.ts';
import { CoreCopy } from './core-copy.ts';
import { mayHoldCxx } from './cxx-printers.ts';
import { fetchModules } from './fetch-modules.ts';
import { GdbSession, type GdbSessionOptions } from './gdb-session.ts';
import { markSignalFrames } from './mark-signal-frames.ts';
import { openCore, selectCore } from './open-core.ts';
import type { PreparedGdb } from './prepared-gdb.ts';
import { type DebugFile, debugName } from './read-debug-files.ts';
import type { SplitDwarf } from './read-split-dwarf.ts';
import { shareFile } from './share-file.ts';
import { makeSysrootPlace } from './sysroot-place.ts';

/** How gdb is held in bounds; see GdbSessionOptions. */
export type GdbLimits = Omit<
  GdbSessionOptions,
  'descriptors' | 'cwd' | 'root' | 'user' | 'avoided' | 'prepared' | 'links'
>;

/** A gdb that has opened the core, or the reason why it has not. */
export interface LaunchedGdb {
  session: GdbSession;
  /** Kernel thread id -> gdb's number; null where the core is not open. */
  threads: Map<number, number> | null;
  reason: string | null;
  /** What was odd about the files, in words for the report. */
  notes: string[];
  /** Addresses in gdb's frames that stand for others: see mark-signal-frames.ts. */
  replacedAddresses: ReadonlyMap<number, number>;
  /** Goes on with another core of the same process, for good. @returns As {@link threads}; null where it cannot. */
  openOther(core: Buffer): Promise<Map<number, number> | null>;
  /** Ends gdb and removes and closes all that was made for it. */
  close(): void;
}

/** gdb's first descriptor from us: the core; another core, the executable and the libraries follow. */
const CORE = FIRST_DESCRIPTOR;
const OTHER_CORE = CORE + 1;
const SLASH = 0x2f;

/**
 * Starts a gdb and gives it the core and the modules, all as descriptors that it inherits: it needs no right to any
 * path, and what lies at a path by now does not matter.
 *
 * @param options `avoided`: commands over which a gdb has ended before. `splitDwarf`: what it has missed before. `symbolIndexes`: a
 *   directory that stays the caller's, see symbol-indexes.ts. `prepared`: used up by the gdb that is started in it.
 *   `debugFiles`: besides those of this machine.
 * @throws Node's error or SystemCallError where there is no memory or no temporary directory.
 */
export async function launchGdb(
  core: Buffer,
  modules: readonly LoadedModule[],
  {
    limits,
    avoided,
    splitDwarf,
    symbolIndexes,
    prepared = null,
    debugFiles = [],
  }: {
    limits: GdbLimits;
    avoided: ReadonlySet<string>;
    splitDwarf: readonly SplitDwarf[];
    symbolIndexes: number | null;
    prepared?: PreparedGdb | null;
    debugFiles?: readonly DebugFile[];
  },
): Promise<LaunchedGdb> {
  const notes: string[] = [];
  const own = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const user = own.uid === 0 ? cageUser() : null;
  const descriptors: number[] = [];
  const owned: number[] = [];
  let remove: () => void = () => undefined;
  const release = () => {
    remove();
    for (const fd of owned.splice(0)) closeSync(fd);
  };
  const add = (fd: number, name: string): number | null => {
    let shared: number | null = null;
    let reason = 'may not be read by the user that gdb runs as, and is too large to copy';
    try {
      shared = shareFile(fd, user ?? own);
    } catch (error) {
      reason = `could not be read (${messageOf(error)})`;
    }
    if (shared === null) {
      notes.push(`${name}: ${reason}, so its symbols were not used`);
      return null;
    }
    if (shared !== fd) owned.push(shared);
    return CORE + descriptors.push(shared) - 1;
  };
  try {
    const fetched = await fetchModules(modules);
    for (const { fd, mayBlock } of fetched.modules) if (mayBlock && fd !== null) owned.push(fd);
    const chosen = chooseFiles(fetched.modules);
    notes.push(...fetched.notes, ...chosen.notes);
    const copy = new CoreCopy(core);
    const marked = markSignalFrames(copy, fetched.modules);
    const memory = memfdCreate('usercrash-core');
    owned.push(memory);
    writeFileSync(memory, copy.bytes);
    // Filled where a part of a thread is looked at that its registers do not lead to.
    const other = memfdCreate('usercrash-other-core');
    owned.push(other);
    descriptors.push(memory, other);
    const executable = chosen.executable === null ? null : add(chosen.executable, 'The executable');
    const files: SysrootFile[] = [];
    for (const { name, fd } of chosen.libraries) {
      const descriptor = add(fd, textOfBytes(name));
      if (descriptor !== null) files.push({ name, descriptor });
    }
    const links: CageLink[] = [];
    const addCopy = (bytes: Buffer) => {
      const file = memfdCreate('usercrash-debug');
      owned.push(file);
      writeFileSync(file, bytes);
      return CORE + descriptors.push(file) - 1;
    };
    for (const { name, bytes } of splitDwarf) {
      const descriptor = addCopy(bytes);
      if (name[0] !== SLASH) files.push({ name, descriptor });
      else links.push({ path: name.toString('latin1'), target: `/proc/self/fd/${descriptor}` });
    }
    const sysroot = buildSysroot(files, prepared?.place ?? makeSysrootPlace(user));
    remove = () => sysroot.remove();
    for (const { name, reason } of sysroot.rejected) {
      notes.push(`${textOfBytes(name)}: ${reason}, so its symbols were not used`);
    }
    for (const { buildId, bytes } of debugFiles) {
      const link = join(sysroot.debug, debugName(buildId));
      mkdirSync(dirname(link), { recursive: true, mode: 0o711 });
      symlinkSync(`/proc/self/fd/${addCopy(bytes)}`, link);
    }
    const indexes = symbolIndexes === null ? null : CORE + descriptors.push(symbolIndexes) - 1;
    const { top, root, cwd } = sysroot;
    const seen = [top, ...limits.seen];
    const session = new GdbSession({
      ...limits,
      ...{ avoided, descriptors, cwd, root, seen, links, user },
      prepared: prepared?.cage ?? null,
    });
    const opened = await openCore(session, {
      core: CORE,
      executable,
      sysroot: sysroot.absolute,
      debugDirectory: debugFiles.length === 0 ? null : sysroot.debug,
      wantsCxxPrinters: mayHoldCxx(modules),
      symbolIndexes: indexes,
    });
    if (opened.ok) notes.push(...opened.core.notes);
    const lacks = session.missingParts();
    if (lacks.length > 0) notes.push(`gdb ran without ${lacks.join(', ')}`);
    return {
      session,
      threads: opened.ok ? opened.core.threads : null,
      reason: opened.ok ? null : opened.reason,
      notes,
      replacedAddresses: marked,
      openOther: async (otherCore) => {
        writeFileSync(other, otherCore);
        return selectCore(session, OTHER_CORE);
      },
      close: () => {
        session.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
