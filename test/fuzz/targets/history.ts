import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatHistoryLine, MAX_HISTORY_LINE_BYTES } from '../../../report/format-history-line.ts';
import { historyEntrySchema } from '../../../report/history.ts';
import { readHistory } from '../../../report/read-history.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'uc-fuzz-'));
const file = join(directory, 'history');

/** A history with torn and foreign lines. */
export const history: FuzzTarget = {
  name: 'history',
  async check(input) {
    writeFileSync(file, input);
    const reader = readHistory([file]);
    let entries = 0;
    for await (const entry of reader) {
      entries += 1;
      assert.deepEqual(historyEntrySchema.parse(entry), entry);
      assert.ok(Buffer.byteLength(formatHistoryLine(entry)) < MAX_HISTORY_LINE_BYTES);
    }
    assert.ok(entries + reader.skipped <= input.toString('latin1').split('\n').length);
  },
  close: () => rmSync(directory, { recursive: true, force: true }),
};
