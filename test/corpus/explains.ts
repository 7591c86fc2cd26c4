import type { Difference } from './compare-backtraces.ts';
import type { ExplainedDifference } from './corpus-program.ts';

/** Whether an entry is about this one difference: the very variable of the very frame, and what it shows instead. */
export function explains(entry: ExplainedDifference, difference: Difference): boolean {
  return (
    entry.thread === difference.thread &&
    entry.level === difference.level &&
    entry.function === difference.function &&
    entry.what === difference.what &&
    entry.shows.test(difference.small)
  );
}
