import { PT_LOAD } from './elf/program-header.ts';
import type { CoreRange } from './elf/write-core.ts';
import { PAGE_BYTES } from './page-cache.ts';
import { type DataContext, MAX_SEGMENT_PAGES } from './plan-data.ts';

const LABEL = '.bss that nobody has touched';

/** Runs of pages, 56 bytes each in the core; most programs have one or two for each module. */
const MAX_ZERO_RANGES = 256;
/** Pages of all modules that are looked at, 256 MiB: a module's headers are in the process's hands, and may all name the same. */
const MAX_PAGES = 4 * MAX_SEGMENT_PAGES;

/**
 * What of the modules' .bss nobody has touched, as ranges that take no room: gdb takes a range without bytes for zeros, which
 * it is in the process. Without them gdb says of a whole array that it cannot be read.
 *
 * @returns Disjoint, and apart from all that is planned; a page of which something is planned is planned whole.
 */
export function zeroRanges({ plan, modules, segments, pagemap }: DataContext): CoreRange[] {
  const planned = new Set(plan.pages());
  const seen = new Set<number>();
  const ranges: CoreRange[] = [];
  let left = MAX_PAGES;
  for (const { headers } of modules) {
    for (const { type, address, fileBytes, memoryBytes } of headers?.headers ?? []) {
      if (headers === null || type !== PT_LOAD || memoryBytes <= fileBytes) continue;
      const start = headers.base + address;
      const first = Math.ceil((start + fileBytes) / PAGE_BYTES);
      const pages = Math.ceil((start + memoryBytes) / PAGE_BYTES) - first;
      const end = first + Math.min(pages, MAX_SEGMENT_PAGES, left);
      if (end < first + pages) plan.leaveUnseen(LABEL, (first + pages - end) * PAGE_BYTES);
      left -= Math.max(0, end - first);
      for (const page of pagemap.untouched(first, end)) {
        const at = page * PAGE_BYTES;
        const segment = segments.find(at);
        if (segment === -1 || seen.has(page)) continue;
        seen.add(page);
        const last = ranges.at(-1);
        if (planned.has(page)) plan.add(LABEL, at, at + PAGE_BYTES);
        else if (last !== undefined && last.start + last.bytes === at) last.bytes += PAGE_BYTES;
        else if (ranges.length === MAX_ZERO_RANGES || !plan.addRange()) plan.leaveUnseen(LABEL, PAGE_BYTES);
        else ranges.push({ start: at, bytes: PAGE_BYTES, flags: segments.flags(segment), isZero: true });
      }
    }
  }
  return ranges;
}
