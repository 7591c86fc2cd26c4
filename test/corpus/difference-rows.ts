import { FRAMES_WITH_LOCALS } from './compare-backtraces.ts';
import { nameOf } from './corpus-program.ts';
import type { CorpusResult } from './crash-corpus-program.ts';

/**
 * A table of all that gdb shows differently, by program, function and variable: how often, and why that is accepted. Its
 * last row counts what was compared.
 */
export function differenceRows(results: readonly CorpusResult[]): string[][] {
  const rows: string[][] = [];
  let locals = 0;
  let total = 0;
  for (const { program, comparison } of results) {
    locals += comparison.locals;
    total += comparison.differences.length;
    const groups = Map.groupBy(comparison.differences, ({ function: place, what }) => `${place}\n${what}`);
    for (const group of groups.values()) {
      const [first] = group;
      if (first === undefined) continue;
      const { function: place, what } = first;
      const known = program.explained?.find((entry) => entry.function === place && entry.what === what);
      const why = known?.why ?? 'NOT EXPLAINED';
      rows.push([nameOf(program), place === '' ? 'a global' : place, what, String(group.length), why]);
    }
  }
  const of = `of ${locals} locals of the first ${FRAMES_WITH_LOCALS} frames of each thread, and globals`;
  return [
    ['program', 'function', 'what differs', 'times', 'why'],
    ...rows,
    ['all', '', '', String(total), of],
  ];
}
