import { architectureOf } from './arch/architecture.ts';
import type { CoreHead, SmallCore, ThreadNotes } from './captured.ts';
import { countGap } from './count-gap.ts';
import { elfClassOf } from './elf/elf-class.ts';
import { coreOverhead, MAX_CORE_RANGES, writeCore } from './elf/write-core.ts';
import type { FoundModule } from './find-modules.ts';
import type { LinkMap } from './link-map.ts';
import { MemoryPlan } from './memory-plan.ts';
import { registerAddress } from './noted-thread.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { Pagemap } from './pagemap.ts';
import { planRelocated, planRest, planVariables } from './plan-data.ts';
import { CONTROL_BLOCK_BYTES, planGlibc } from './plan-glibc.ts';
import { planModules } from './plan-modules.ts';
import type { PlannedGap } from './plan-stack.ts';
import { type PlanContext, planThread } from './plan-thread.ts';
import type { HeldMemory } from './process-memory.ts';
import { releaseNotes } from './release-notes.ts';
import type { ReturnAddresses } from './return-addresses.ts';
import { shrinkNotes } from './shrink-notes.ts';
import { AT_EXECFN } from './stack-in-use.ts';
import { CRASHED_THREAD, MANY_THREADS, ONE_OF_MANY, OTHER_THREAD } from './thread-policy.ts';
import { zeroRanges } from './zero-ranges.ts';

/** Default size of a small core at most: enough for all of 1,000 threads (7.1 MiB, 0.2 MiB packed). */
export const DEFAULT_BUDGET_BYTES = 8 * 1024 * 1024;

/** Of the budget, for the thread that died, for which the report is read; what it leaves, mostly nine tenths, goes to the others. */
const CRASHED_SHARE = 0.5;
/** Of the budget, for notes at most: registers alone show one frame of a thread, its stack the others. */
const NOTES_SHARE = 0.5;
/** Of the budget, for notes of the other threads in any case: the general registers of 2,300 by default. */
const LEAST_NOTES_SHARE = 0.1;
/**
 * Memory that a waiting thread wants: its stack with the control block at its end, and some strings. Where the budget does
 * not hold that and the notes, the vector registers go first: gdb unwinds without them.
 */
const THREAD_BYTES = 6 * 1024;
/** Memory that the process wants besides: the thread that died and variables of its modules, 60 KiB in C and up to 1 MiB in Python. */
const PROCESS_BYTES = 512 * 1024;
/** Stacks of all threads that are looked through for return addresses: 1 MiB costs 1 ms. */
const SEARCHED_BYTES = 8 * 1024 * 1024;

/** Stacks that are read beforehand: no more than this have a place in a core by default; 40 MiB of memory. */
const LOADED_STACKS = 2000;
const LOADED_STACK_BYTES = 12 * 1024;

/** Deep stacks of which return addresses are counted; a report counts the frames of four. How much is left out is said of all. */
const MAX_GAPS = 16;

/** What a small core is made from. */
export interface SmallCoreInput {
  head: CoreHead;
  memory: HeldMemory;
  list: LinkMap;
  modules: readonly FoundModule[];
  pagemap: Pagemap;
  /** Null for a processor that nobody has described yet. */
  returns: ReturnAddresses | null;
}

/**
 * Takes what gdb needs to show the same as on a full core. Under the budget, in this order: notes, the linker's data,
 * the thread that died, .data and .bss, the other threads, to each the same, relocated tables. What does not fit is shortened, and said.
 *
 * @param budgetBytes Size of the core at most.
 */
export function takeSmallCore(input: SmallCoreInput, budgetBytes: number): SmallCore {
  const { head, memory, list, modules, pagemap, returns } = input;
  const notes = shrinkNotes(head.noteBytes, {
    limitBytes: notesLimit(budgetBytes, head.threads.length),
    leastBytes: budgetBytes * LEAST_NOTES_SHARE,
  });
  if (notes.bytes !== head.noteBytes) releaseNotes(head, notes.bytes);
  const plan = new MemoryPlan(
    memory.dumped,
    budgetBytes - coreOverhead({ bits: head.bits, notes: notes.bytes }, 0),
  );
  planModules(plan, list, modules);
  const architecture = architectureOf(head);
  const omitted: OmittedStacks = { words: [], gaps: [] };
  const data = { plan, modules, segments: memory.dumped, pagemap };
  if (architecture === null || returns === null) planVariables(data);
  else {
    const context: PlanContext = {
      plan,
      pages: memory.pages,
      segments: memory.dumped,
      architecture,
      returns,
      searchLeft: SEARCHED_BYTES,
      mainStackAddress: Number(head.auxv.get(AT_EXECFN) ?? 0n),
    };
    const { threadPointer } = architecture;
    const controls = head.threads.map((thread) => registerAddress(thread, threadPointer));
    loadStacks(context, head.threads);
    planGlibc({ plan, memory, modules, elfClass: architecture.elfClass }, new Set(controls));
    planThreads(context, head, { omitted, planVariablesNow: () => planVariables(data) });
  }
  planRelocated(data);
  planRest(data);
  const planned = [...plan.ranges(memory.pages), ...zeroRanges(data)].sort(
    (one, other) => one.start - other.start,
  );
  const ranges = planned.slice(0, MAX_CORE_RANGES);
  const core = writeCore(
    { machine: head.machine, bits: head.bits, notes: notes.bytes },
    ranges,
    (range, bytes, at) => memory.pages.copy(bytes, at, { address: range.start, bytes: range.bytes }),
  );
  const refused = Array.from(plan.refused, ([label, bytes]) => `${label}: ${bytes} bytes did not fit`);
  const unseen = Array.from(
    plan.unseen,
    ([label, bytes]) => `${label}: of ${bytes} bytes not all was looked at`,
  );
  const failed = plan.unreadablePages;
  const unreadable = failed > 0 ? [`${failed} pages of memory could not be read`] : [];
  const uncounted = planned.length - ranges.length;
  if (uncounted > 0)
    unreadable.push(`${uncounted} pieces of memory: a core has no more than ${MAX_CORE_RANGES}`);
  return {
    bytes: core,
    budgetBytes,
    omitted: [...notes.omitted, ...refused, ...unseen, ...omitted.words, ...unreadable],
    gaps: omitted.gaps.flatMap(
      (gap) => countGap(gap, ranges, { pages: memory.pages, elfClass: elfClassOf(head.bits) }) ?? [],
    ),
  };
}

function notesLimit(budgetBytes: number, threads: number): number {
  const left = budgetBytes - PROCESS_BYTES - threads * THREAD_BYTES;
  return Math.min(budgetBytes * NOTES_SHARE, left);
}

/**
 * Reads the stacks that are small, with the control block at their end, each with one system call: looking at the list of
 * threads, at stacks and at control blocks would take three, which are 10 ms of 1,000 threads.
 */
function loadStacks({ pages, architecture }: PlanContext, threads: readonly ThreadNotes[]): void {
  for (const thread of threads.slice(0, LOADED_STACKS)) {
    const sp = registerAddress(thread, architecture.sp) - architecture.redZoneBytes;
    const control = registerAddress(thread, architecture.threadPointer);
    if (sp <= 0 || control < sp || control - sp > LOADED_STACK_BYTES) continue;
    pages.load(Math.floor(sp / PAGE_BYTES), Math.ceil((control + CONTROL_BLOCK_BYTES) / PAGE_BYTES));
  }
}

interface OmittedStacks {
  /** For the report. */
  words: string[];
  gaps: (PlannedGap & { tid: number })[];
}

function planThreads(
  context: PlanContext,
  head: CoreHead,
  { omitted, planVariablesNow }: { omitted: OmittedStacks; planVariablesNow: () => void },
): void {
  const { plan } = context;
  const [crashed, ...others] = head.threads;
  if (crashed !== undefined) {
    const allowance = plan.leftBytes * CRASHED_SHARE;
    const { bytes, gap } = planThread(context, crashed, { policy: CRASHED_THREAD, allowance });
    if (bytes > 0) omitted.words.push(`stack of ${CRASHED_THREAD.label}: ${bytes} bytes in its middle`);
    if (gap !== null) omitted.gaps.push(gap);
  }
  planVariablesNow();
  const policy = others.length > MANY_THREADS ? ONE_OF_MANY : OTHER_THREAD;
  let deep = 0;
  let deepBytes = 0;
  for (const [index, thread] of others.entries()) {
    const allowance = plan.leftBytes / (others.length - index);
    const { bytes, gap } = planThread(context, thread, { policy, allowance });
    if (bytes > 0) deep += 1;
    deepBytes += bytes;
    if (gap !== null && omitted.gaps.length < MAX_GAPS) omitted.gaps.push(gap);
  }
  if (deep > 0) omitted.words.push(`stacks of ${deep} other threads: ${deepBytes} bytes in their middle`);
}
