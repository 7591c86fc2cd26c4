import assert from 'node:assert/strict';
import { parseDyingProcess } from '../../../server/ledger/dying-process.ts';
import { formatJournalEntry, parseJournalEntry } from '../../../server/ledger/journal-entry.ts';
import { parseKernelRecord } from '../../../server/ledger/kernel-log-line.ts';
import { parseProcessEvent } from '../../../server/ledger/process-event.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

/**
 * What the kernel tells the ledger: an event of the process connector, a record of its log, and what /proc has; and what it has
 * written down of all that.
 */
export const ledger: readonly FuzzTarget[] = [
  {
    name: 'ledger-journal',
    check(input) {
      for (const line of input.toString('utf8').split('\n')) {
        const entry = parseJournalEntry(line);
        if (entry === null) continue;
        const again = formatJournalEntry(entry);
        const read = parseJournalEntry(again);
        assert.equal(read && formatJournalEntry(read), again);
      }
    },
  },
  {
    name: 'process-event',
    check(input) {
      const event = parseProcessEvent(input);
      if (event === null) return;
      if (event.kind === 'ack') return assert.ok(isCount(event.ack) && isCount(event.errno));
      assert.ok(event.pid > 0 && event.tid > 0 && event.atMs >= 0);
      assert.ok(event.kind === 'coredump' || (event.signal >= 0 && event.signal < 128));
    },
  },
  {
    name: 'kernel-log',
    check(input) {
      const record = parseKernelRecord(input.toString('utf8'));
      if (record?.kind === 'suppressed') assert.ok(isCount(record.count));
      if (record?.kind !== 'line') return;
      const { pid, comm, reason } = record.line;
      assert.ok(isCount(pid) && reason.length > 0 && reason.length <= 200 && !reason.includes('\n'));
      assert.ok(comm === null || !comm.includes('\n'));
    },
  },
  {
    name: 'dying-process',
    check(input) {
      const middle = Math.floor(input.length / 2);
      const { uid, startTicks, namespacePids } = parseDyingProcess(
        input.subarray(0, middle),
        input.toString('latin1', middle),
      );
      assert.ok(isCount(uid) && isCount(startTicks) && namespacePids.every(isCount));
    },
  },
];
