import type { ThreadNotes } from '../capture/captured.ts';
import { type MapsLine, parseMaps } from '../capture/proc/parse-maps.ts';
import { textOfBytes } from '../report/bytes-text.ts';
import type { Mapping } from '../report/record.ts';

/** Mappings in a record: an ordinary process has 30 to 800; at 150 bytes each this is 150 KB of JSON. */
export const MAX_MAPS = 1000;
/** Lines looked at: above the kernel's own default limit of 65,530. */
const MAX_LINES = 200_000;

/**
 * The mappings for the record, in the order of their addresses. Where there are too many: first those that a register
 * of any thread points into, then those with a name, then the rest.
 *
 * @param maps /proc/PID/maps
 */
export function chooseMaps(
  maps: Buffer,
  threads: readonly ThreadNotes[],
): { chosen: Mapping[]; omitted: number } {
  const lines: MapsLine[] = [];
  for (const line of parseMaps(maps)) {
    if (lines.length >= MAX_LINES) break;
    lines.push(line);
  }
  if (lines.length <= MAX_MAPS) return { chosen: lines.map(mappingOf), omitted: 0 };
  const pointed = pointedTo(lines, threads);
  const ranked = [
    ...lines.filter((line) => pointed.has(line)),
    ...lines.filter((line) => !pointed.has(line) && line.path !== null),
    ...lines.filter((line) => !pointed.has(line) && line.path === null),
  ];
  const kept = new Set(ranked.slice(0, MAX_MAPS));
  const chosen = lines.filter((line) => kept.has(line)).map(mappingOf);
  return { chosen, omitted: lines.length - chosen.length };
}

/** The kernel lists mappings by address, so each pointer is found by halving. */
function pointedTo(lines: readonly MapsLine[], threads: readonly ThreadNotes[]): Set<MapsLine> {
  const pointed = new Set<MapsLine>();
  for (const { registers } of threads) {
    for (const value of registers.values()) {
      let from = 0;
      let to = lines.length;
      while (from < to) {
        const middle = (from + to) >> 1;
        if ((lines[middle]?.end ?? 0n) <= value) from = middle + 1;
        else to = middle;
      }
      const line = lines[from];
      if (line !== undefined && line.start <= value && value < line.end) pointed.add(line);
    }
  }
  return pointed;
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
