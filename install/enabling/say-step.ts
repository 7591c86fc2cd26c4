import { printable } from '../../report/printable-text.ts';
import type { Output } from '../command-context.ts';

/** The longest word is `not undone`. */
const WORD_WIDTH = 10;

/** A line for a step: what becomes of it, and its name. */
export function sayStep(stdout: Output, word: string, name: string): void {
  const text = printable(name);
  stdout.write(stdout.isTTY === true ? `${word.padEnd(WORD_WIDTH)} ${text}\n` : `${word}\t${text}\n`);
}
