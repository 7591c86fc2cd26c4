import type { Style } from './style-for.ts';

/** What a line of a text report is, by how it begins, and how it looks on a terminal. The first that fits counts. */
const LINES: readonly (readonly [RegExp, Style | readonly [Style, ...Style[]]])[] = [
  [/^== .* ==$/, 'cyan'],
  [/^\*\*\* .*$/, 'dim'],
  [/^Thread \d+.*, crashed$/, 'red'],
  [/^(?:not available|none): .*$/, 'dim'],
];
/** The labels of a report's head: `Crash      SIGSEGV, ...`. */
const LABEL =
  /^(?:Crash|Live|Where|Signature|Seen|Process|Command|Unit|Machine|Journal|More|Left out)(?= {2,})/;
const CRASH = /^(Crash +)(\S[^,]*)/;
const FRAME = /^(#\d+ +)(\S+)/;

/** A text report in colours, line by line; it gets no other character. */
export function colourReport(text: string, style: (style: Style, text: string) => string): string {
  return text
    .split('\n')
    .map((line) => {
      const [, whole] = LINES.find(([pattern]) => pattern.test(line)) ?? [];
      if (typeof whole === 'string') return style(whole, line);
      return line
        .replace(CRASH, (_, label: string, signal: string) => `${label}${style('red', signal)}`)
        .replace(LABEL, (label) => style('bold', label))
        .replace(FRAME, (_, level: string, name: string) => `${level}${style('yellow', name)}`);
    })
    .join('\n');
}
