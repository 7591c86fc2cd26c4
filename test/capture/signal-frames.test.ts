import assert from 'node:assert/strict';
import test from 'node:test';
import { x8664 } from '../../capture/arch/x86-64.ts';
import { PageCache } from '../../capture/page-cache.ts';
import { SegmentTable } from '../../capture/segment-table.ts';
import { findSignalFrames } from '../../capture/signal-frames.ts';

const START = 0x7ffe_0000_0000;
const BYTES = 0x4000;
/** Where the frame is, and what the signal interrupted. */
const FRAME = START + 0x1000;
const SP = START + 0x2000;
const PC = 0x5555_5555_5000;

/** struct rt_sigframe as the kernel writes it: arch/x86/include/asm/sigframe.h. */
function genuine(): Buffer {
  const frame = Buffer.alloc(200);
  frame.writeBigUInt64LE(7n, 8);
  frame.writeBigUInt64LE(BigInt(SP), 168);
  frame.writeBigUInt64LE(BigInt(PC), 176);
  frame.writeBigUInt64LE(0x10246n, 184);
  frame.writeBigUInt64LE(0x2b_0000_0000_0033n, 192);
  return frame;
}

function framesIn(frame: Buffer): number[] {
  const stack = Buffer.alloc(BYTES);
  frame.copy(stack, FRAME - START);
  const pages = new PageCache((target, at, { address, bytes }) =>
    stack.copy(target, at, address - START, address - START + bytes),
  );
  const whole = { start: BigInt(START), end: BigInt(START + BYTES), fileBytes: BigInt(BYTES), flags: 6 };
  const segments = new SegmentTable([whole], 'dumped');
  const area = { start: START, end: START + BYTES };
  return findSignalFrames({ pages, segments }, area, x8664).map(({ interruptedPc }) => interruptedPc);
}

test('findSignalFrames() finds what the kernel writes, also with a kernel that leaves ss out', () => {
  assert.deepEqual(framesIn(genuine()), [PC]);
  const old = genuine();
  old.writeBigUInt64LE(0x33n, 192);
  assert.deepEqual(framesIn(old), [PC]);
});

test('findSignalFrames() is not misled by strings: the argument "3" behind a path is no code segment', () => {
  const frame = Buffer.alloc(200);
  frame.write('/var/lib/some/place/program\0', 164, 'latin1');
  frame.write('3\0', 192, 'latin1');
  assert.deepEqual(framesIn(frame), []);
});

test('findSignalFrames() wants an sp that is mapped, and flags and segments that a program has', () => {
  for (const [offset, value] of [
    [168, 2n ** 62n],
    [168, 0n],
    [184, 0x10046n],
    [184, 0x1_0000_0246n],
    [184, 0x2f00_8246n],
    [192, 0x2b_0000_0001_0033n],
    [192, 0x2c_0000_0000_0033n],
  ] as const) {
    const frame = genuine();
    frame.writeBigUInt64LE(value, offset);
    assert.deepEqual(framesIn(frame), [], `${value} at ${offset}`);
  }
});
