import { COLUMN_GAP, table } from '../report/columns.ts';
import { printable } from '../report/printable-text.ts';
import type { TextTarget } from './command-context.ts';
import { type Style, styleFor } from './style-for.ts';

/** Rows of text, with the names of their columns. */
export interface Rows {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  env: Readonly<Record<string, string | undefined>>;
  /** Numbers of the columns to align right. */
  alignRight?: readonly number[];
  /** The style of each column's cells, on a terminal. */
  styles?: readonly (Style | null)[];
}

/** A terminal gets aligned columns with their names above; a pipe gets tabs between the cells, and nothing else. */
export function writeRows(output: TextTarget, { head, rows, env, alignRight = [], styles = [] }: Rows): void {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\t', ' ')));
  if (output.isTTY !== true) {
    for (const row of cells) output.write(`${row.join('\t')}\n`);
    return;
  }
  const style = styleFor(output, env);
  const titles = head.map((name) => name.toUpperCase());
  const [names = '', ...lines] = table([titles, ...cells], alignRight);
  output.write(`${style('dim', names)}\n`);
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  for (const line of lines) output.write(`${styledCells(line, widths, { styles, style })}\n`);
}

/** A line of a table, its columns in their styles. */
function styledCells(
  line: string,
  widths: readonly number[],
  { styles, style }: { styles: readonly (Style | null)[]; style: ReturnType<typeof styleFor> },
): string {
  let at = 0;
  return widths
    .map((width, column) => {
      const end = column === widths.length - 1 ? line.length : at + width + COLUMN_GAP;
      const cell = line.slice(at, end);
      at = end;
      const chosen = styles[column] ?? null;
      return chosen === null || cell === '' ? cell : style(chosen, cell);
    })
    .join('');
}
