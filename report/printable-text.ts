/**
 * What may not reach a terminal as it is, in text that somebody else chose: control characters (escape sequences),
 * format characters (bidi overrides, zero-width joiners, tags), line and paragraph separators, spaces that are not
 * U+0020, private, unassigned and surrogate code points, whatever Unicode calls ignorable (fillers, variation
 * selectors), the blank Braille pattern, and combining marks that would sit on our own text or tower over other lines.
 */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<=^|\p{M}{3})\p{M}/gu;

/** Columns between tab stops where tabs are expanded. */
const TAB_COLUMNS = 8;

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Text for one line of a report. Every unsafe character becomes the escape that bash's `$'...'` understands: `\n`,
 * `\r`, `\t`, `\xHH` up to U+007F, `\uHHHH` up to U+FFFF, `\UHHHHHHHH` beyond. Backslashes stay as they are: text in
 * the escape of bytes-text.ts carries its own doubled already, so the whole is unambiguous there.
 *
 * @param text Anything, also with newlines: the result has none.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeOf);
}

/**
 * Text that may have several lines (journal messages, source), a printable line each. Tabs become spaces up to the
 * next stop of 8 columns, carriage returns at a line's end and empty lines at the text's end go.
 */
export function printableLines(text: string): string[] {
  return text
    .replace(/\s+$/, '')
    .split(/\r*\n/)
    .map((line) => printable(expandTabs(line)).trimEnd());
}

/**
 * One word of a command line, quoted so that bash reads the same bytes back: as it is, `'...'` or `$'...'`.
 *
 * @param word In the escape of bytes-text.ts.
 */
export function shellWord(word: string): string {
  if (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(word)) return word;
  const shown = printable(word);
  return shown === word && !/['\\]/.test(word) ? `'${word}'` : `$'${shown.replaceAll("'", "\\'")}'`;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return SHORT_ESCAPES.get(character) ?? `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let expanded = '';
  for (const part of line.split(/(\t)/)) {
    expanded += part === '\t' ? ' '.repeat(TAB_COLUMNS - (expanded.length % TAB_COLUMNS)) : part;
  }
  return expanded;
}
