import { printable } from '../printable-text.ts';
import type { Record as CrashRecord } from '../record.ts';

/** The kernel's stack of the crashed thread, innermost first. */
export function kernelLines({ kernelStack }: CrashRecord): string[] | null {
  return kernelStack === null ? null : kernelStack.map((line) => `  ${printable(line)}`.trimEnd());
}
