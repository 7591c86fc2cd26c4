import assert from 'node:assert/strict';
import type { CoreHead } from '../../../capture/captured.ts';
import { coreHeadBytes } from '../../../capture/core-head-bytes.ts';
import { bytesSource } from '../../../capture/core-source.ts';
import {
  MAX_GAP_BYTES,
  MAX_NOTE_BYTES,
  MAX_SEGMENTS,
  NotACoreError,
  readCoreHead,
} from '../../../capture/read-core-head.ts';
import { assertRecord, capturedHead, recordOf } from '../assert-record.ts';
import type { FuzzTarget } from '../fuzz-target.ts';

/** Warnings are lines in a report, and as many as there are ways to be wrong. */
const MAX_WARNINGS = 16;
const MAX_WARNING = 300;
/** The table of program headers, the largest gap and the notes. */
const MAX_WANTED_BYTES = MAX_GAP_BYTES + MAX_SEGMENTS * 56 + MAX_NOTE_BYTES;

/** What the kernel writes before the memory: ELF header, program headers, notes. */
export const coreHead: FuzzTarget = {
  name: 'core-head',
  check(input) {
    assertWanted(input);
    const head = headOf(input);
    if (head === null) return;
    assertHead(head, input.length);
    assertRecord(recordOf(capturedHead(head)));
  },
};

/**
 * Whoever reads from a socket waits for what is wanted of a core: it is bounded, and no more once it is there.
 *
 * @throws Where that is not so.
 */
function assertWanted(input: Buffer): void {
  let rounds = 0;
  for (let wanted = 0; ; rounds += 1) {
    const next = coreHeadBytes(input.subarray(0, wanted));
    assert.ok(Number.isSafeInteger(next) && next <= MAX_WANTED_BYTES, `${next} bytes wanted`);
    if (next <= wanted || next > input.length) break;
    wanted = next;
  }
  assert.ok(rounds < 8, `wanted ${rounds} times more`);
}

/** Null for what is no core. */
export function headOf(input: Buffer): CoreHead | null {
  try {
    return readCoreHead(bytesSource(input));
  } catch (error) {
    if (error instanceof NotACoreError) return null;
    throw error;
  }
}

/** @throws Where a head is not what its type says. */
export function assertHead(head: CoreHead, inputBytes: number): void {
  assert.ok(head.segments.length <= MAX_SEGMENTS);
  let end = 0n;
  for (const segment of head.segments) {
    assert.ok(segment.start >= end && segment.end > segment.start && segment.end < 2n ** 64n);
    assert.ok(segment.fileBytes <= segment.end - segment.start);
    end = segment.end;
  }
  assert.ok(head.noteBytes.length <= inputBytes);
  for (const { tid, registers } of head.threads) {
    assert.ok(Number.isSafeInteger(tid));
    for (const value of registers.values()) assert.ok(value >= 0n && value < 2n ** 64n);
  }
  for (const file of head.files) assert.ok(file.start < file.end && !file.path.includes(0));
  assert.ok(head.warnings.length <= MAX_WARNINGS, `${head.warnings.length} warnings`);
  for (const warning of head.warnings) assert.ok(warning.length <= MAX_WARNING, warning);
}
