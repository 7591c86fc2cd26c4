import { PF_W, PF_X } from './elf/program-header.ts';
import type { FoundModule } from './find-modules.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { Pagemap } from './pagemap.ts';
import type { SegmentTable } from './segment-table.ts';

/** What of the modules' own memory to take. gdb prints the file's values, without a word, for pages that are missing. */
interface DataPolicy {
  label: string;
  /** In all, and of one module: a static table shall not cost the others their variables. */
  bytes: number;
  moduleBytes: number;
  isWanted(flags: number): boolean;
}

/** Most programs have 20 to 100 KiB that they have written to. */
const VARIABLES: DataPolicy = {
  label: '.data and .bss',
  bytes: 512 * 1024,
  moduleBytes: 256 * 1024,
  isWanted: (flags) => (flags & PF_W) !== 0,
};

/**
 * RELRO: tables of pointers that the linker has filled in, virtual function tables. A static table that is a local
 * variable shows wrong addresses without them (python's opcode_targets). 4 to 50 KiB a library.
 */
const RELOCATED: DataPolicy = {
  label: 'relocated tables',
  bytes: 256 * 1024,
  moduleBytes: 128 * 1024,
  isWanted: (flags) => (flags & (PF_W | PF_X)) === 0,
};

/** Where `_dl_...` and `__nptl_...` are, without which libthread_db names no thread. */
const RUNTIME = /(?:^|\/)(?:ld[-.]|ld\d*\.so|libc[.-]|libpthread|ld-linux)/;

/** Pages of one segment that are looked at, 64 MiB: 128 KiB of pagemap, some 0.2 ms. What is behind is a huge .bss. */
export const MAX_SEGMENT_PAGES = 16 * 1024;

/** What planning data needs to look at. */
export interface DataContext {
  plan: MemoryPlan;
  modules: readonly FoundModule[];
  segments: SegmentTable;
  pagemap: Pagemap;
}

/** The modified pages of .data and .bss: of C library and linker (some 30 KiB), of the executable, of the others. */
export function planVariables(context: DataContext): void {
  const rank = ({ isExecutable, name }: FoundModule) =>
    RUNTIME.test(name.toString('latin1')) ? 0 : isExecutable ? 1 : 2;
  planData(
    context,
    context.modules.toSorted((one, other) => rank(one) - rank(other)),
    VARIABLES,
  );
}

/** The relocated pages of all modules but C library and linker, whose frames hold no such tables. */
export function planRelocated(context: DataContext): void {
  const others = context.modules.filter(({ name }) => !RUNTIME.test(name.toString('latin1')));
  planData(context, others, RELOCATED);
}

/** What of both has not fitted into its share and fits into what is left of the budget in the end. */
export function planRest(context: DataContext): void {
  const { plan } = context;
  for (const policy of [VARIABLES, RELOCATED]) {
    if (!plan.refused.has(policy.label)) continue;
    plan.forget(policy.label);
    const all = Number.POSITIVE_INFINITY;
    planData(context, context.modules, { ...policy, bytes: all, moduleBytes: all }, plan.leftBytes);
  }
}

function planData(
  { plan, segments, pagemap }: DataContext,
  modules: readonly FoundModule[],
  { label, bytes, moduleBytes, isWanted }: DataPolicy,
  mostBytes = plan.leftBytes / 2,
): void {
  let left = Math.min(bytes, mostBytes);
  for (const module of modules) {
    if (module.file === null) continue;
    let moduleLeft = Math.min(moduleBytes, left);
    for (const { start, end } of segmentsOf(module, segments, isWanted)) {
      const first = start / PAGE_BYTES;
      const last = Math.min(end / PAGE_BYTES, first + MAX_SEGMENT_PAGES);
      if (last * PAGE_BYTES < end) plan.leaveUnseen(label, end - last * PAGE_BYTES);
      for (const page of pagemap.modified(first, last)) {
        const used = plan.add(label, page * PAGE_BYTES, (page + 1) * PAGE_BYTES, moduleLeft);
        moduleLeft -= used;
        left -= used;
      }
    }
  }
}

/** A module's dumped memory; the kernel may have cut a segment of the file into several mappings. */
function* segmentsOf(
  { start, end }: FoundModule,
  segments: SegmentTable,
  isWanted: (flags: number) => boolean,
): Generator<{ start: number; end: number }> {
  let index = segments.firstAfter(start) - 1;
  if (index < 0 || segments.end(index) <= start) index += 1;
  for (; index < segments.count && segments.start(index) < end; index += 1) {
    if (!isWanted(segments.flags(index))) continue;
    // .bss of the executable may be joined with other anonymous memory behind it.
    yield { start: Math.max(start, segments.start(index)), end: Math.min(end, segments.end(index)) };
  }
}
