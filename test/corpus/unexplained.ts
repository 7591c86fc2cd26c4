import type { Difference } from './compare-backtraces.ts';
import type { ExplainedDifference } from './corpus-program.ts';

/** Most of a value that is told. */
const MAX_SHOWN = 200;

/** What is wrong: differences that no entry explains, and entries that explain none. */
export function unexplained(
  differences: readonly Difference[],
  explained: readonly ExplainedDifference[],
): string[] {
  const used = new Set<ExplainedDifference>();
  const wrong: string[] = [];
  for (const difference of differences) {
    const entry = explained.find(
      ({ function: name, what }) => name === difference.function && what === difference.what,
    );
    if (entry !== undefined) used.add(entry);
    else {
      const [small, full] = [difference.small, difference.full].map((text) => text.slice(0, MAX_SHOWN));
      wrong.push(
        `thread ${difference.tid} #${difference.level} ${difference.function} ${difference.what}: ${small}, in the full core ${full}`,
      );
    }
  }
  for (const entry of explained) {
    if (!used.has(entry)) wrong.push(`${entry.function} ${entry.what} no longer differs: ${entry.why}`);
  }
  return wrong;
}
