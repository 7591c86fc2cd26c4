import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command of README's walk, and what it says that it shows. */
export interface WalkStep {
  command: string;
  /** A line `...` stands for any number of lines. */
  shows: readonly string[];
}

const HEADING = '\n## From the package to the line that crashed\n';

/** The newcomer's walk, as README has it. */
export function readmeWalk(): WalkStep[] {
  const text = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const section = text.split(HEADING)[1]?.split('\n## ')[0] ?? '';
  const lines = [...section.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trimEnd().split('\n'),
  );
  const steps: { command: string; shows: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shows: [] });
    else steps.at(-1)?.shows.push(line);
  }
  return steps;
}

/** Lines without what differs from one machine and crash to the next: numbers, ids, times, widths of columns, who it was. */
function unvarying(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replaceAll(/\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b/g, 'N')
      .replaceAll(/[\w-]+\.scope\b/g, '-')
      .replaceAll(/\b(?:newcomer|nobody)\b/g, 'USER')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  );
}

/** Whether README's lines, with any number of lines for each `...`, are what a command showed. */
export function isShown(expected: readonly string[], shown: readonly string[]): boolean {
  const [first, ...rest] = unvarying(expected);
  const lines = unvarying(shown);
  if (first === undefined) return lines.length === 0;
  if (first !== '...') return first === lines[0] && isShown(rest, lines.slice(1));
  return [...lines, ''].some((_, skipped) => isShown(rest, lines.slice(skipped)));
}
