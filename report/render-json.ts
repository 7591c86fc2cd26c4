import type { Record as CrashRecord } from './record.ts';

/**
 * The JSON report: one JSON object, keys in the order in which the record was made, ended by one newline.
 *
 * A line holds one field of the record, or one element where a field is a list. So grep, diff and an editor can work on
 * it, while it stays within a few per cent of the compact form (indented it would be a third larger, and compact one
 * line of hundreds of kilobytes).
 */
export function renderJson(record: CrashRecord): string {
  const fields = Object.entries(record).filter(([, value]) => value !== undefined);
  return `{\n${fields.map(([key, value]) => `${JSON.stringify(key)}:${fieldText(value)}`).join(',\n')}\n}\n`;
}

function fieldText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((element) => ` ${JSON.stringify(element)}`).join(',\n')}\n]`;
}
