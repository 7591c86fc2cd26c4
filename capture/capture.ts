import { messageOf } from '../errors/usercrash-error.ts';
import { asRoot } from '../linux/as-root.ts';
import { architectureOf } from './arch/architecture.ts';
import { type Captured, type CoreHead, MAX_TOLD_THREADS, type SmallCore } from './captured.ts';
import { elfClassOf } from './elf/elf-class.ts';
import { FileSystems } from './file-systems.ts';
import { findModules, MappedFiles } from './find-modules.ts';
import { readLinkMap } from './link-map.ts';
import { namesSnapshot } from './names-snapshot.ts';
import { NotedThread } from './noted-thread.ts';
import { closeModules, openModules } from './open-modules.ts';
import { closeOwnMounts, openOwnMounts } from './own-mounts.ts';
import { openPagemap } from './pagemap.ts';
import { openProcessMemory } from './process-memory.ts';
import { takeProcessSnapshot } from './process-snapshot.ts';
import { quickKey } from './quick-key.ts';
import { ReturnAddresses } from './return-addresses.ts';
import { doubtOf, type ToldProcess, unknownProcess } from './same-process.ts';
import { type SmallCoreInput, takeSmallCore } from './small-core.ts';
import { UnansweredPages } from './unanswered-pages.ts';

/** A process that is held: by the kernel in its dump, or by a debugger. */
export interface HeldProcess extends ToldProcess {
  head: CoreHead;
  /** Size of the small core at most. */
  budgetBytes: number;
  /** Called when a step has ended, for its time: `modules found`, `quick key`. */
  ended?: (step: string) => void;
  /** Tells of a crash that it repeats another, by its quick key: then no more is taken than the history wants to know. */
  repeatOf?: ((quickKey: string) => string | null) | undefined;
}

/**
 * Captures a held process: memory first, because nothing else tells it; then its files and /proc. Never throws: of a
 * process that has vanished, or may be another one by now, it gives what the head alone says, with the reason in the
 * head's warnings.
 */
export function captureCrash(held: HeldProcess): Captured {
  const { pid, tid, head } = held;
  const ownWarnings = head.warnings.length;
  const fileSystems = new FileSystems(tid);
  const { key, core, modules, repeatOf } = captureMemory(held, fileSystems);
  if (repeatOf !== null) {
    const snapshot = asRoot(() => namesSnapshot(pid, tid, 'not read: the crash repeats another'));
    if (doubtOf(held, head) === null)
      return {
        head: toldHead(head),
        quickKey: key,
        core: null,
        modules: [],
        mounts: null,
        snapshot,
        repeatOf,
      };
  }
  const opened = openModules(tid, modules, { fileSystems, warnings: head.warnings });
  const told = toldHead(head);
  const threadIds = told.threads.map((thread) => thread.tid);
  const snapshot = asRoot(() => takeProcessSnapshot(pid, tid, threadIds));
  const mounts = snapshot.namespaces?.hasOwnMounts === true ? asRoot(() => openOwnMounts(tid)) : null;
  const reason = doubtOf(held, head);
  if (reason === null) return { head: told, quickKey: key, core, modules: opened, mounts, snapshot };
  closeModules(opened);
  closeOwnMounts(mounts);
  // What was odd in another one's memory is not told either.
  head.warnings.length = ownWarnings;
  head.warnings.push(`process: ${reason}, nothing of it was kept`);
  const own = quickKey(head, null);
  const unknown = unknownProcess(pid, reason);
  return { head: told, quickKey: own, core: null, modules: [], mounts: null, snapshot: unknown };
}

/** Notes up to here may stay in memory as long as they like: of some 300 threads. */
const KEPT_NOTE_BYTES = 1024 * 1024;

/**
 * What of a head is needed after the small core has been taken. The notes of thousands of threads are a hundred megabytes,
 * and one thread that points into them would keep them all.
 */
export function toldHead(head: CoreHead): CoreHead {
  const told = head.threads.slice(0, MAX_TOLD_THREADS);
  const isLarge = head.noteBytes.length > KEPT_NOTE_BYTES;
  return {
    ...head,
    noteBytes: Buffer.alloc(0),
    segments: [],
    files: [],
    threads: isLarge
      ? told.map((thread) => (thread instanceof NotedThread ? thread.detached() : thread))
      : told,
    omittedThreads: head.omittedThreads + head.threads.length - told.length,
  };
}

/** By the thread's id, not the process's: a main thread that has ended has no memory any more, its threads have. */
function captureMemory({ tid, head, budgetBytes, repeatOf, ended }: HeldProcess, fileSystems: FileSystems) {
  const pagemap = openPagemap(tid);
  try {
    const unanswered = new UnansweredPages(tid, head, { pagemap, fileSystems });
    const memory = openProcessMemory(tid, head.segments, unanswered);
    try {
      const list = readLinkMap(head.auxv, memory.everything, elfClassOf(head.bits));
      const modules = findModules(list, new MappedFiles(head.files), memory.everything);
      head.warnings.push(...list.warnings);
      ended?.('modules found');
      const architecture = architectureOf(head);
      const returns = architecture === null ? null : new ReturnAddresses(head, memory, architecture);
      const key = quickKey(head, returns === null ? null : { memory, modules, returns });
      ended?.('quick key');
      const repeated = repeatOf?.(key) ?? null;
      if (repeated !== null) return { key, modules: [], core: null, repeatOf: repeated };
      const core = takeCore({ head, memory, list, modules, pagemap, returns }, budgetBytes);
      return { key, modules, core, repeatOf: null };
    } finally {
      memory.close();
    }
  } catch (error) {
    head.warnings.push(`memory: ${messageOf(error)}`);
    return { key: quickKey(head, null), modules: [], core: null, repeatOf: null };
  } finally {
    pagemap.close();
  }
}

function takeCore(input: SmallCoreInput, budgetBytes: number): SmallCore | null {
  const { head } = input;
  if (head.threads.length === 0) {
    head.warnings.push('core: none was taken, because there are no registers');
    return null;
  }
  try {
    return takeSmallCore(input, budgetBytes);
  } catch (error) {
    head.warnings.push(`core: none was taken: ${messageOf(error)}`);
    return null;
  }
}
