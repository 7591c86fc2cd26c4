/** Width that a report keeps to where its data allows. */
export const REPORT_COLUMNS = 120;

/** Spaces between two columns of a table. */
export const COLUMN_GAP = 2;

/**
 * Rows with their columns aligned, two spaces between; the last column is as long as it is. No trailing spaces.
 *
 * @param rows Printable text; may have different lengths.
 * @param alignRight Numbers of the columns to align right.
 */
export function table(rows: readonly (readonly string[])[], alignRight: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return alignRight.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(' '.repeat(COLUMN_GAP))
      .trimEnd(),
  );
}

/**
 * Cells beside each other, row by row, as many columns as fit; a cell that is wider than its share takes the space of
 * several.
 *
 * @param columns At most this many.
 */
export function grid(cells: readonly string[], columns: number): string[] {
  const cellWidth = Math.floor((REPORT_COLUMNS - 2) / columns);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const cell of cells) {
    const span = Math.min(columns, Math.ceil((cell.length + 2) / cellWidth));
    if (used + span > columns) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    line += cell.padEnd(span * cellWidth);
    used += span;
  }
  if (used > 0) lines.push(line.trimEnd());
  return lines;
}

/**
 * Words joined to lines of at most {@link REPORT_COLUMNS}; a longer word has a line for itself.
 *
 * @param words Each with the comma or space that belongs behind it.
 * @param first What the first line begins with; the others begin with `rest`.
 */
export function fill(words: readonly string[], first: string, rest: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isFresh = true;
  for (const word of words) {
    if (!isFresh && line.length + word.trimEnd().length > REPORT_COLUMNS) {
      lines.push(line.trimEnd());
      line = rest;
    }
    line += word;
    isFresh = false;
  }
  lines.push(line.trimEnd());
  return lines;
}
