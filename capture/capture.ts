import type { Captured, CoreHead } from './captured.ts';
import { CodeMemory } from './code-memory.ts';
import { findModules, openModules } from './find-modules.ts';
import { readLinkMap } from './link-map.ts';
import { DumpedMemory, ProcessMemoryFile } from './process-memory.ts';
import { takeProcessSnapshot } from './process-snapshot.ts';
import { quickKey } from './quick-key.ts';
import { takeSmallCore } from './small-core.ts';

/**
 * Captures a process that is held in its dump.
 *
 * @param process `pid` and `tid` in the initial namespace; `head` from its core; `budgetBytes` for the small core.
 * @throws Node's error where its memory cannot be opened: it is gone.
 */
export function captureCrash(process: {
  pid: number;
  tid: number;
  head: CoreHead;
  budgetBytes: number;
}): Captured {
  const { pid, tid, head, budgetBytes } = process;
  const file = new ProcessMemoryFile(pid);
  try {
    const memory = new DumpedMemory(file, head.segments);
    const code = new CodeMemory(file, head.segments);
    const linkMap = readLinkMap(head, memory);
    const modules = findModules(head, linkMap, memory);
    const key = quickKey(head, modules, { memory, code });
    const failures = openModules(pid, modules, head.files);
    const core = takeSmallCore({ pid, head, modules, linkMap, memory, code }, budgetBytes);
    const snapshot = takeProcessSnapshot(
      pid,
      tid,
      head.threads.map((thread) => thread.tid),
    );
    if (failures.length > 0) snapshot.failures.set('modules', failures.join('; '));
    return { head, quickKey: key, core, modules, snapshot };
  } finally {
    file.close();
  }
}
