import { table } from '../report/columns.ts';
import { printable } from '../report/printable-text.ts';
import type { Output } from './command-context.ts';
import { styleFor } from './style-for.ts';

/** Rows of text, with the names of their columns. */
export interface Rows {
  head: readonly string[];
  rows: readonly (readonly string[])[];
  env: Readonly<Record<string, string | undefined>>;
  /** Numbers of the columns to align right. */
  alignRight?: readonly number[];
}

/** A terminal gets aligned columns with their names above; a pipe gets tabs between the cells, and nothing else. */
export function writeRows(output: Output, { head, rows, env, alignRight = [] }: Rows): void {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\t', ' ')));
  if (output.isTTY !== true) {
    for (const row of cells) output.write(`${row.join('\t')}\n`);
    return;
  }
  const style = styleFor(output, env);
  const [names = '', ...lines] = table([head.map((name) => name.toUpperCase()), ...cells], alignRight);
  output.write(`${style('dim', names)}\n`);
  for (const line of lines) output.write(`${line}\n`);
}
