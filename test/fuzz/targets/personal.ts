import assert from 'node:assert/strict';
import { leaveOutPersonal } from '../../../report/leave-out-personal.ts';
import { RecordError, readRecord } from '../../../report/read-record.ts';
import type { Record as CrashRecord } from '../../../report/record.ts';
import { renderJson } from '../../../report/render-json.ts';
import { renderText } from '../../../report/render-text.ts';
import { assertReportText } from '../assert-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** A JSON report that somebody has changed, and that is to be handed on: still a record, and without what was in it for sure. */
export const personal: FuzzTarget = {
  name: 'personal',
  corpus: 'record',
  check(input) {
    let record: CrashRecord;
    try {
      record = readRecord(input);
    } catch (error) {
      if (error instanceof RecordError) return;
      throw error;
    }
    leaveOutPersonal(record);
    const written = readRecord(renderJson(record));
    assertReportText(renderText(written));
    assert.deepEqual([written.stack, written.memory, written.collection.core], [null, null, null]);
    for (const entry of written.process.environment ?? []) assert.match(entry, /=<value>$/);
    assert.ok(written.journal?.entries.every(({ why }) => why !== 'machine') ?? true);
  },
};
