import { REPORT_COLUMNS } from '../columns.ts';
import { dateOf, timeOf } from '../instant.ts';
import { printable, printableLines } from '../printable-text.ts';
import type { Record as CrashRecord, JournalEntry } from '../record.ts';

/** By syslog(3) level. */
const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** What the entries of each kind are, in the order in which they are shown; other kinds follow. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ['process', 'Of the process'],
  ['unit', 'Of its unit'],
  ['machine', 'Of the machine, warnings and worse'],
  ['kernel', 'Of the kernel'],
]);

/** The journal around the crash: the process's own entries first, then its unit's, then the machine's. */
export function journalLines({ journal, at }: CrashRecord): string[] | null {
  if (journal === null) return null;
  const kinds = [...new Set([...TITLES.keys(), ...journal.entries.map((entry) => entry.why)])];
  const lines = kinds.flatMap((kind) => {
    const entries = journal.entries.filter((entry) => entry.why === kind);
    if (entries.length === 0) return [];
    const title = TITLES.get(kind) ?? printable(kind);
    return ['', `${title} (${entries.length})`, ...entries.flatMap((entry) => entryLines(entry, dateOf(at)))];
  });
  if (journal.omitted > 0) lines.push('', `${journal.omitted} entries left out`);
  return lines.length === 0 ? ['no entries'] : lines.slice(1);
}

/** An entry in a line of the head: the first line of its message, cut at the report's width. */
export function headMessage(entry: JournalEntry, crashDate: string): string {
  const lines = printableLines(entry.message);
  const text = `${prefixOf(entry, crashDate).replace(/\.\d+/, '')} ${lines[0] ?? ''}${lines.length > 1 ? ' …' : ''}`;
  const columns = REPORT_COLUMNS - 11;
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text.trimEnd();
}

function entryLines(entry: JournalEntry, crashDate: string): string[] {
  const [first = '', ...rest] = printableLines(entry.message);
  return [`  ${prefixOf(entry, crashDate)} ${first}`, ...rest.map((line) => `      ${line}`)].map((line) =>
    line.trimEnd(),
  );
}

/** `22:35:57.123456 app[4242] err:`; with the date where it is not that of the crash. */
function prefixOf(entry: JournalEntry, crashDate: string): string {
  const date = dateOf(entry.at) === crashDate ? '' : `${dateOf(entry.at)} `;
  const pid = entry.pid === null ? '' : `[${entry.pid}]`;
  const identifier = entry.identifier === null ? '' : ` ${printable(entry.identifier)}${pid}`;
  const priority = entry.priority === null ? '' : ` ${PRIORITIES[entry.priority] ?? entry.priority}`;
  return `${date}${timeOf(entry.at)}${identifier}${priority}:`;
}
