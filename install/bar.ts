const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const LEVELS = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar as long as its share of the largest one, in eighths of a character; what is there at all has at least one. */
export function bar(value: number, { most, width }: { most: number; width: number }): string {
  if (value <= 0 || most <= 0) return '';
  const eighths = Math.max(1, Math.round((Math.min(value, most) / most) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** Values as columns beside each other, one character each. */
export function columnChart(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values
    .map((value) => LEVELS[value <= 0 ? 0 : Math.max(1, Math.round((value / most) * 8))] ?? '')
    .join('');
}
