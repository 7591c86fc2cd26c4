import { errnoName } from '../../linux/system-call-error.ts';
import type { FailedStep } from './step-table.ts';

/** What a cage lacks, each once and with the reason, in words for a report. */
export function missingParts(failed: readonly FailedStep[]): string[] {
  const missing = new Map<string, string>();
  for (const { part, call, errno } of failed) {
    if (part !== null && !missing.has(part)) missing.set(part, `${part} (${call}: ${errnoName(errno)})`);
  }
  return [...missing.values()];
}
