import { leaveOutMemory } from '../report/leave-out-memory.ts';
import { leaveOutOthers } from '../report/leave-out-others.ts';
import type { Record as CrashRecord } from '../report/record.ts';

/** Takes out of a record what not everybody who may read the report may see, in place. */
export function leaveOut(record: CrashRecord): void {
  if (record.readers === 'root') leaveOutMemory(record);
  if (record.readers === 'owner') leaveOutOthers(record);
}
