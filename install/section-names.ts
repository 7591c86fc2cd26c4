import { InvalidArgumentError } from 'commander';
import { printable } from '../report/printable-text.ts';
import { TEXT_SECTION_NAMES } from '../report/render-text.ts';

/** For commander: names of a report's sections, separated by commas. */
export function sectionNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TEXT_SECTION_NAMES.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(
    `There is no section '${printable(unknown)}'; there are ${TEXT_SECTION_NAMES.join(', ')}.`,
  );
}
