import { COLUMN_GAP } from '../report/columns.ts';

/** A column of a table. */
export interface Column {
  name: string;
  alignRight?: true;
  /** May be cut: to this width rather than that another is left out, and to that of its name where nothing else helps. */
  minimum?: number;
  /** Left out where there is no room, the highest first; 0 is never. */
  dispensable?: number;
}

/**
 * Makes a table fit a terminal: leaves out what is dispensable until the rest fits, cut where it may be, and cuts the widest
 * first. What still does not fit is as wide as it is.
 *
 * @param rows Printable text.
 * @param width Characters of a line.
 */
export function fitColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): { columns: Column[]; rows: string[][] } {
  let kept = columns.map((_, index) => index);
  const widest = columns.map(({ name }, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const narrowed = (at: number, to: number) => {
    const { minimum, name = '' } = columns[at] ?? {};
    return minimum === undefined ? (widest[at] ?? 0) : Math.min(widest[at] ?? 0, Math.max(to, name.length));
  };
  const wanted = (at: number) => narrowed(at, columns[at]?.minimum ?? 0);
  const least = (at: number) => narrowed(at, 0);
  const total = (widthOf: (at: number) => number) =>
    kept.reduce((sum, at) => sum + widthOf(at), 0) + COLUMN_GAP * (kept.length - 1);
  while (total(wanted) > width) {
    const last = kept.toSorted((one, other) => rank(columns[other]) - rank(columns[one]))[0] ?? 0;
    if (rank(columns[last]) === 0) break;
    kept = kept.filter((at) => at !== last);
  }
  const widths = [...widest];
  while (total((at) => widths[at] ?? 0) > width) {
    const [cut] = kept
      .filter((at) => (widths[at] ?? 0) > least(at))
      .sort((one, other) => (widths[other] ?? 0) - (widths[one] ?? 0));
    if (cut === undefined) break;
    widths[cut] = (widths[cut] ?? 0) - 1;
  }
  return {
    columns: kept.flatMap((at) => columns[at] ?? []),
    rows: rows.map((row) => kept.map((at) => cutText(row[at] ?? '', widths[at] ?? 0))),
  };
}

function rank(column: Column | undefined): number {
  return column?.dispensable ?? 0;
}

function cutText(text: string, width: number): string {
  return text.length <= width
    ? text
    : `${text.slice(0, Math.max(0, width - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}
