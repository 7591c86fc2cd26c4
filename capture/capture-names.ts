import { type HeldProcess, toldHead } from './capture.ts';
import type { Captured, ProcessSnapshot } from './captured.ts';
import { quickKey } from './quick-key.ts';
import { doubtOf, unknownProcess } from './same-process.ts';

/**
 * Captures a process of which nothing but its names is wanted: no memory, no file, no argument. Where it may be another one by
 * now there are not even those.
 *
 * @param names Of the process: names-snapshot.ts.
 */
export function captureNames(held: HeldProcess, names: ProcessSnapshot): Captured {
  const { pid, head } = held;
  const doubt = doubtOf(held, head);
  if (doubt !== null) head.warnings.push(`process: ${doubt}, nothing of it was kept`);
  return {
    head: toldHead(head),
    quickKey: quickKey(head, null),
    core: null,
    modules: [],
    mounts: null,
    snapshot: doubt === null ? names : unknownProcess(pid, doubt),
  };
}
