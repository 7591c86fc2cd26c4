import { RecordError, readRecord } from '../../../report/read-record.ts';
import type { Record as CrashRecord } from '../../../report/record.ts';
import { renderText } from '../../../report/render-text.ts';
import { assertRecord, assertReportText } from '../assert-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** A JSON report that somebody has changed. */
export const record: FuzzTarget = {
  name: 'record',
  check(input) {
    let read: CrashRecord;
    try {
      read = readRecord(input);
    } catch (error) {
      if (error instanceof RecordError) return;
      throw error;
    }
    assertReportText(renderText(read));
    assertRecord(read);
  },
};
