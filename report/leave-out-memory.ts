import type { Record as CrashRecord } from './record.ts';

/** What a report for root alone does without, in words. */
export const LEFT_OUT = 'memory, values of variables, command line, environment and core';

const REASON = 'left out: only root may read this process';

/**
 * Takes out of a record, in place, all that comes from the memory of a process that only root may read (core(5): %d is not
 * 1): what is left is what the kernel itself says, registers, and frames by function, file and line. Of the core it leaves
 * the description: the analysis needs it.
 */
export function leaveOutMemory(record: CrashRecord): void {
  for (const section of ['stack', 'memory', 'code', 'source'] as const) {
    record[section] = null;
    record.missing[section] = REASON;
  }
  record.process.commandLine = null;
  record.process.environment = null;
  record.missing['process'] = `command line and environment: ${REASON}`;
  for (const { frames } of record.threads ?? []) {
    for (const frame of frames ?? []) {
      frame.arguments = null;
      frame.locals = null;
    }
  }
}
