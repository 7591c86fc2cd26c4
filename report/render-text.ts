import { printable } from './printable-text.ts';
import type { Record as CrashRecord } from './record.ts';
import { backtraceLines } from './sections/backtrace.ts';
import { codeLines, sourceLines } from './sections/code.ts';
import { collectionLines } from './sections/collection.ts';
import { headLines } from './sections/head.ts';
import { journalLines } from './sections/journal.ts';
import { kernelLines } from './sections/kernel.ts';
import { mapLines } from './sections/maps.ts';
import { memoryLines, stackLines } from './sections/memory.ts';
import { openFileLines } from './sections/open-files.ts';
import { processLines } from './sections/process.ts';
import { registerLines } from './sections/registers.ts';
import { threadLines } from './sections/threads.ts';

/** The last line: a report without it was cut short. */
export const END_LINE = '== End of report ==';

const FIRST_LINE = '*** '.repeat(16).trimEnd();

interface Section {
  /** The key in the record's `missing`, and what a command selects. */
  name: string;
  title: string;
  /** Printable lines, or null where the record has nothing: then `missing` tells why. */
  lines: (record: CrashRecord) => string[] | null;
}

/** The sections in the order of the report. To add one, write its file in sections/ and give it a line here. */
const TEXT_SECTIONS: readonly Section[] = [
  { name: 'backtrace', title: 'Backtrace', lines: backtraceLines },
  { name: 'threads', title: 'Threads', lines: threadLines },
  { name: 'registers', title: 'Registers', lines: registerLines },
  { name: 'stack', title: 'Stack', lines: stackLines },
  { name: 'memory', title: 'Memory', lines: memoryLines },
  { name: 'code', title: 'Code', lines: codeLines },
  { name: 'source', title: 'Source', lines: sourceLines },
  { name: 'openFiles', title: 'Open files', lines: openFileLines },
  { name: 'maps', title: 'Maps', lines: mapLines },
  { name: 'process', title: 'Process', lines: processLines },
  { name: 'journal', title: 'Journal', lines: journalLines },
  { name: 'kernel', title: 'Kernel', lines: kernelLines },
  { name: 'collection', title: 'Collection', lines: collectionLines },
];

/** Names that {@link renderText} can select, in order. */
export const TEXT_SECTION_NAMES: readonly string[] = TEXT_SECTIONS.map((section) => section.name);

/**
 * The text report of a record: UTF-8 lines without trailing spaces, at most 120 columns where the data allows, ended by
 * a newline. Nothing in it can steer a terminal, and no text of a dead process can pass for a section's title, because
 * only titles begin with `==` at the start of a line.
 *
 * @param sections Names out of {@link TEXT_SECTION_NAMES}: only these, without head and end. Unknown ones are ignored.
 */
export function renderText(record: CrashRecord, sections?: readonly string[]): string {
  const lines: string[] = [];
  if (sections === undefined)
    lines.push(FIRST_LINE, ...guarded(() => headLines(record), record, 'head').map(harmless), '');
  for (const section of TEXT_SECTIONS) {
    if (sections !== undefined && !sections.includes(section.name)) continue;
    const content = guarded(() => section.lines(record), record, section.name).map(harmless);
    lines.push(`== ${section.title} ==`, ...content, '');
  }
  if (sections === undefined) lines.push(END_LINE);
  else lines.pop();
  return lines.map((line) => `${line}\n`).join('');
}

/** Sections that an ordinary program need not have: nothing has failed where a program was shipped without its source. */
const ABSENT: Readonly<{ [section: string]: string }> = { source: 'none' };

/** A section's lines, whatever happens in it: one that fails must not take the others with it. */
function guarded(make: () => string[] | null, record: CrashRecord, name: string): string[] {
  try {
    return (
      make() ?? [`${ABSENT[name] ?? 'not available'}: ${printable(record.missing[name] ?? 'not collected')}`]
    );
  } catch (error) {
    return [`not available: could not be shown: ${printable(String(error))}`];
  }
}

/** The net below the sections: a field that one of them forgot to escape, and a line that looks like a title. */
function harmless(line: string): string {
  const shown = printable(line).trimEnd();
  return /^(==|\*\*\*)/.test(shown) ? ` ${shown}` : shown;
}
