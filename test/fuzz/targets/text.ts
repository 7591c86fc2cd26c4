import assert from 'node:assert/strict';
import { bytesOfText, textOfBytes } from '../../../report/bytes-text.ts';
import { printable, printableLines, shellWord } from '../../../report/printable-text.ts';
import { assertRecord, capturedWith, recordOf } from '../assert-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** Bytes that a process chose as its names, arguments, environment and paths. */
export const text: FuzzTarget = {
  name: 'text',
  check(input) {
    const escaped = textOfBytes(input);
    assert.ok(bytesOfText(escaped).equals(input), 'the escape cannot be undone');
    for (const line of [printable(escaped), shellWord(escaped), ...printableLines(escaped)]) {
      assert.doesNotMatch(line, CONTROL);
    }
    const own = { cmdline: input, environ: input, exe: input, cwd: input, root: input, kernelStack: input };
    const threadNames = new Map([[4242, input]]);
    const record = recordOf(capturedWith({ ...own, threadNames, parentComm: input }));
    record.journal = {
      entries: [
        {
          ...{ at: record.at, pid: 1, identifier: escaped, unit: escaped, priority: 3 },
          ...{ message: escaped, why: 'process' },
        },
      ],
      omitted: 0,
    };
    assertRecord(record);
  },
};
