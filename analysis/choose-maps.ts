import type { ThreadNotes } from '../capture/captured.ts';
import { type MapsLine, parseMaps } from '../capture/proc/parse-maps.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import type { Mapping } from '../report/record.ts';

/** Mappings in a record: an ordinary process has 30 to 800; at 150 bytes each this is 150 KB of JSON. */
export const MAX_MAPS = 1000;

/**
 * The mappings for the record, in the order of their addresses. Where there are too many: first those that a register
 * of any thread points into, then those with a name, then the rest. The text may have 330,000 lines: no
 * objects are kept of them, they are looked at twice.
 *
 * @param maps /proc/PID/maps
 */
export function chooseMaps(
  maps: Buffer,
  threads: readonly ThreadNotes[],
): { chosen: Mapping[]; omitted: number } {
  const lines = linesIn(maps);
  const starts = new Float64Array(lines);
  const ends = new Float64Array(lines);
  const named: number[] = [];
  let count = 0;
  for (const { start, end, path } of parseMaps(maps)) {
    if (path !== null && named.length < MAX_MAPS) named.push(count);
    starts[count] = Number(start);
    ends[count] = Number(end);
    count += 1;
  }
  const kept = new Set<number>();
  const keep = (lines: Iterable<number>) => {
    for (const line of lines) {
      if (kept.size === MAX_MAPS) return;
      kept.add(line);
    }
  };
  if (count > MAX_MAPS) keep(pointedTo({ starts, ends, count }, threads));
  keep(named);
  keep(starts.keys());
  const chosen: Mapping[] = [];
  let line = 0;
  for (const mapping of parseMaps(maps)) {
    if (kept.has(line)) chosen.push(mappingOf(mapping));
    line += 1;
  }
  return { chosen, omitted: count - chosen.length };
}

function linesIn(text: Buffer): number {
  let lines = 0;
  for (let at = text.indexOf(0x0a); at !== -1; at = text.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}

/** The kernel lists mappings by address, so each pointer is found by halving. Borders of pages are exact as numbers. */
function pointedTo(
  { starts, ends, count }: { starts: Float64Array; ends: Float64Array; count: number },
  threads: readonly ThreadNotes[],
): number[] {
  const pointed = new Set<number>();
  for (const { registers } of threads) {
    for (const register of registers.values()) {
      const value = Number(register);
      let from = 0;
      let to = count;
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((ends[middle] ?? 0) <= value) from = middle + 1;
        else to = middle;
      }
      if (from < count && (starts[from] ?? 0) <= value) pointed.add(from);
    }
  }
  return [...pointed].sort((one, other) => one - other);
}

function mappingOf({ start, end, permissions, offset, device, inode, path }: MapsLine): Mapping {
  const hex = (value: bigint) => value.toString(16).padStart(16, '0');
  return {
    start: hex(start),
    end: hex(end),
    permissions,
    offset: hex(offset),
    device,
    inode,
    path: path && textOfBytes(path),
  };
}
