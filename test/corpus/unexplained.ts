import type { Difference } from './compare-backtraces.ts';
import type { ExplainedDifference } from './corpus-program.ts';
import { explains } from './explains.ts';

/** Most of a value that is told. */
const MAX_SHOWN = 200;
/** Most that are told: all are judged, but what follows a frame that is missing says nothing new. */
const MAX_TOLD = 40;

/** What is wrong: differences that no entry explains, and entries that explain none. */
export function unexplained(
  differences: readonly Difference[],
  explained: readonly ExplainedDifference[],
): string[] {
  const wrong = differences
    .filter((difference) => !explained.some((entry) => explains(entry, difference)))
    .map(({ thread, level, function: name, what, small, full }) => {
      const [shown, wanted] = [small, full].map((text) => text.slice(0, MAX_SHOWN));
      return `thread ${thread} #${level} ${name} ${what}: ${shown}, in the full core ${wanted}`;
    });
  for (const entry of explained) {
    if (differences.some((difference) => explains(entry, difference))) continue;
    const { thread, level, function: name, what, why } = entry;
    wrong.push(`thread ${thread} #${level} ${name} ${what} no longer differs so: ${why}`);
  }
  const told = wrong.slice(0, MAX_TOLD);
  return told.length === wrong.length ? told : [...told, `and ${wrong.length - told.length} more`];
}
