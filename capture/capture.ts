import type { Captured, CoreHead } from './captured.ts';
import { CodeMemory } from './code-memory.ts';
import { findModules, openModules } from './find-modules.ts';
import { readLinkMap } from './link-map.ts';
import { DumpedMemory, ProcessMemoryFile } from './process-memory.ts';
import { takeProcessSnapshot } from './process-snapshot.ts';
import { quickKey } from './quick-key.ts';
import { takeSmallCore } from './small-core.ts';

/** A capture that has begun: enough is known to ask whether the rest is wanted. */
export interface BegunCapture {
  quickKey: string;
  /**
   * Takes the rest. After it the process may go.
   *
   * @param budgetBytes Largest small core.
   */
  finish(budgetBytes: number): Captured;
}

/**
 * Captures a process that is held in its dump.
 *
 * @param process `pid` and `tid` in the initial namespace; `head` from its core.
 * @throws Node's error where its memory cannot be opened: it is gone.
 */
export function beginCapture(process: { pid: number; tid: number; head: CoreHead }): BegunCapture {
  const { pid, tid, head } = process;
  const file = new ProcessMemoryFile(pid);
  const memory = new DumpedMemory(file, head.segments);
  const code = new CodeMemory(file, head.segments);
  const linkMap = readLinkMap(head, memory);
  const modules = findModules(head, linkMap, memory);
  const key = quickKey(head, modules, { memory, code });
  return {
    quickKey: key,
    finish(budgetBytes) {
      try {
        const failures = openModules(pid, modules, head.files);
        const core = takeSmallCore({ pid, head, modules, linkMap, memory, code }, budgetBytes);
        const threads = head.threads.map((thread) => thread.tid);
        const snapshot = takeProcessSnapshot(pid, tid, threads);
        for (const failure of failures) snapshot.failures.set('modules', failure);
        return { head, quickKey: key, core, modules, snapshot };
      } finally {
        file.close();
      }
    },
  };
}
