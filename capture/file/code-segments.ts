import type { Segment, Segments } from '../captured.ts';
import { PF_X, PT_LOAD } from '../elf/program-header.ts';
import type { FoundModule } from '../find-modules.ts';
import { PAGE_BYTES } from '../page-cache.ts';
import { SegmentColumns } from '../segment-columns.ts';
import { SegmentTable } from '../segment-table.ts';

/**
 * Segments of a core, and those of its modules' code that it does not tell of. A small core has only segments that hold
 * something; where code was mapped is in the modules' program headers, and what it was is in their files.
 *
 * @param segments Sorted and disjoint, as the result is.
 */
export function withCodeSegments(segments: Segments, modules: readonly FoundModule[]): Segments {
  const known = new SegmentTable(segments, 'mapped');
  const added: Segment[] = [];
  let at = 0;
  for (const { start, end } of modules.flatMap(codeOf).sort((one, other) => one.start - other.start)) {
    at = Math.max(at, start);
    const add = (to: number) => {
      if (to > at) added.push({ start: BigInt(at), end: BigInt(to), fileBytes: 0n, flags: PF_X });
    };
    const inside = known.find(at);
    for (let index = inside === -1 ? known.firstAfter(at) : inside; index < known.count; index += 1) {
      if (known.start(index) >= end) break;
      add(known.start(index));
      at = Math.max(at, known.end(index));
    }
    add(end);
    at = Math.max(at, end);
  }
  if (added.length === 0) return segments;
  const all = new SegmentColumns(segments.length + added.length);
  let next = 0;
  for (const segment of segments) {
    for (let code = added[next]; code !== undefined && code.start < segment.start; code = added[next]) {
      all.push(code);
      next += 1;
    }
    all.push(segment);
  }
  for (const code of added.slice(next)) all.push(code);
  return all;
}

function codeOf({ headers }: FoundModule): { start: number; end: number }[] {
  if (headers === null) return [];
  return headers.headers
    .filter(({ type, flags }) => type === PT_LOAD && (flags & PF_X) !== 0)
    .map(({ address, memoryBytes }) => {
      const start = headers.base + address;
      return {
        start: Math.floor(start / PAGE_BYTES) * PAGE_BYTES,
        end: Math.ceil((start + memoryBytes) / PAGE_BYTES) * PAGE_BYTES,
      };
    });
}
