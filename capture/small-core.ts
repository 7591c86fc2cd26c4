import { architectureOf } from './arch/architecture.ts';
import type { CoreHead, SmallCore } from './captured.ts';
import { coreOverhead, MAX_CORE_RANGES, writeCore } from './elf/write-core.ts';
import type { FoundModule } from './find-modules.ts';
import type { LinkMap } from './link-map.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Pagemap } from './pagemap.ts';
import { planRelocated, planVariables } from './plan-data.ts';
import { planModules } from './plan-modules.ts';
import { CRASHED_THREAD, OTHER_THREAD, type PlanContext, planThread } from './plan-thread.ts';
import type { HeldMemory } from './process-memory.ts';
import { shrinkNotes } from './shrink-notes.ts';

/** Default size of a small core at most: enough for 300 threads (3.9 MB, 92 KiB packed). */
export const DEFAULT_BUDGET_BYTES = 4 * 1024 * 1024;

/** Of the budget, for the thread that died; what it leaves goes to the others. */
const CRASHED_SHARE = 0.5;
/** Of the budget, for notes: with the wide vector registers of 600 threads they fill it. */
const NOTES_SHARE = 0.5;

/** What a small core is made from. */
export interface SmallCoreInput {
  head: CoreHead;
  memory: HeldMemory;
  list: LinkMap;
  modules: readonly FoundModule[];
  pagemap: Pagemap;
}

/**
 * Takes what gdb needs to show the same as on a full core. Under the budget, in this order: notes, the linker's data,
 * the thread that died, .data and .bss, the other threads, to each the same, relocated tables. What does not fit is shortened, and said.
 *
 * @param budgetBytes Size of the core at most.
 */
export function takeSmallCore(input: SmallCoreInput, budgetBytes: number): SmallCore {
  const { head, memory, list, modules, pagemap } = input;
  const notes = shrinkNotes(head.noteBytes, budgetBytes * NOTES_SHARE);
  const plan = new MemoryPlan(
    memory.dumped,
    budgetBytes - coreOverhead({ bits: head.bits, notes: notes.bytes }, 0),
  );
  planModules(plan, list, modules);
  const architecture = architectureOf(head);
  let omittedStack: string[] = [];
  const data = { plan, modules, segments: memory.dumped, pagemap };
  if (architecture === null) planVariables(data);
  else {
    const context = { plan, pages: memory.pages, segments: memory.dumped, architecture };
    omittedStack = planThreads(context, head, () => planVariables(data));
  }
  planRelocated(data);
  const ranges = plan.ranges(memory.pages).slice(0, MAX_CORE_RANGES);
  const { machine, bits } = head;
  const core = writeCore({ machine, bits, notes: notes.bytes }, ranges, (range, bytes, at) =>
    memory.pages.copy(bytes, at, { address: range.start, bytes: range.bytes }),
  );
  const refused = Array.from(plan.refused, ([label, bytes]) => `${label}: ${bytes} bytes did not fit`);
  const failed = plan.unreadablePages;
  const unreadable = failed > 0 ? [`${failed} pages of memory could not be read`] : [];
  return {
    bytes: core,
    budgetBytes,
    omitted: [...notes.omitted, ...refused, ...omittedStack, ...unreadable],
  };
}

/** @returns What was left out of stacks, in words. */
function planThreads(context: PlanContext, head: CoreHead, planVariablesNow: () => void): string[] {
  const { plan } = context;
  const [crashed, ...others] = head.threads;
  const omitted: string[] = [];
  if (crashed !== undefined) {
    const bytes = planThread(context, crashed, {
      policy: CRASHED_THREAD,
      allowance: plan.leftBytes * CRASHED_SHARE,
    });
    if (bytes > 0) omitted.push(`stack of ${CRASHED_THREAD.label}: ${bytes} bytes in its middle`);
  }
  planVariablesNow();
  let deep = 0;
  for (const [index, thread] of others.entries()) {
    const allowance = plan.leftBytes / (others.length - index);
    if (planThread(context, thread, { policy: OTHER_THREAD, allowance }) > 0) deep += 1;
  }
  if (deep > 0)
    omitted.push(`stacks of ${deep} other threads: more than the innermost ${OTHER_THREAD.stackBytes} bytes`);
  return omitted;
}
