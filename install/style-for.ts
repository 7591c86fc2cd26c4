import { styleText } from 'node:util';
import type { Output } from './command-context.ts';

/** What util.styleText() calls them. */
export type Style = Parameters<typeof styleText>[0];

/**
 * Colours for a terminal that shows them, and for nobody else: NO_COLOR and TERM=dumb forbid them, FORCE_COLOR asks for them
 * also where the output is no terminal.
 */
export function styleFor(
  output: Pick<Output, 'isTTY'>,
  env: Readonly<Record<string, string | undefined>>,
): (style: Style, text: string) => string {
  const isForced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0';
  const isForbidden = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const isStyled = isForced || (output.isTTY === true && !isForbidden);
  return (style, text) => (isStyled ? styleText(style, text, { validateStream: false }) : text);
}
