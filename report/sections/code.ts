import { addressText } from '../address-text.ts';
import { table } from '../columns.ts';
import { printable, printableLines } from '../printable-text.ts';
import type { Record as CrashRecord } from '../record.ts';

/** Instructions around pc, the current one marked. */
export function codeLines(record: CrashRecord): string[] | null {
  const { code } = record;
  if (code === null) return null;
  return table(
    code.map(({ address, function: name, offset, text, current }) => [
      `${current ? '=>' : '  '} ${addressText(address, record)}`,
      name === null ? '' : `<${printable(name)}${offset === null ? '' : `+${offset}`}>`,
      printable(text).replace(/(\\t| )+/g, ' '),
    ]),
  );
}

/** Source lines around the place, the current one marked. */
export function sourceLines({ source }: CrashRecord): string[] | null {
  if (source === null) return null;
  const width = Math.max(...source.lines.map(({ number }) => String(number).length), 1);
  return [
    printable(source.file),
    ...source.lines.map(({ number, text, current }) =>
      `${current ? '=>' : '  '} ${String(number).padStart(width)}  ${printableLines(text)[0] ?? ''}`.trimEnd(),
    ),
  ];
}
