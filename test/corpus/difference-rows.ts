import { FRAMES_WITH_LOCALS } from './compare-backtraces.ts';
import { nameOf } from './corpus-program.ts';
import type { CorpusResult } from './crash-corpus-program.ts';
import { explains } from './explains.ts';

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
    const groups = Map.groupBy(comparison.differences, (difference) => {
      const why = program.explained?.find((entry) => explains(entry, difference))?.why ?? 'NOT EXPLAINED';
      const { function: place, what } = difference;
      return [nameOf(program), place === '' ? 'a global' : place, what, why].join('\n');
    });
    for (const [key, group] of groups) {
      const [name = '', place = '', what = '', why = ''] = key.split('\n');
      rows.push([name, place, what, String(group.length), why]);
    }
  }
  const of = `of ${locals} locals of the first ${FRAMES_WITH_LOCALS} frames of each thread, and globals`;
  return [
    ['program', 'function', 'what differs', 'times', 'why'],
    ...rows,
    ['all', '', '', String(total), of],
  ];
}
