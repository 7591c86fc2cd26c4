import { historyCounts } from '../report/history-counts.ts';
import { readableInstant } from '../report/instant.ts';
import { printable } from '../report/printable-text.ts';
import { readHistory } from '../report/read-history.ts';

/** The line of a report's head behind which it has its place. */
const AFTER = /^Signature {2}.*$/m;

/**
 * A text report with a line that says how often such a crash was seen, by the history as it is now: the report itself never changes. As
 * it was where the history does not know.
 *
 * @throws Node's error where the history cannot be read.
 */
export async function withSeenLine(text: string, logDir: string, quickKey: string | null): Promise<string> {
  if (quickKey === null) return text;
  const seen = (await historyCounts(readHistory(logDir))).get(quickKey);
  if (seen === undefined) return text;
  const { count, first, last } = seen;
  const line =
    count === 1
      ? 'Seen       once'
      : `Seen       ${count} times since ${readableInstant(first)}, last ${readableInstant(last)}`;
  return text.replace(AFTER, (signature) => `${signature}\n${printable(line)}`);
}
