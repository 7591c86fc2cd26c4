import assert from 'node:assert/strict';
import test from 'node:test';
import { x8664 } from '../../capture/arch/x86-64.ts';
import { countGap } from '../../capture/count-gap.ts';
import { elf64 } from '../../capture/elf/elf-class.ts';
import { takeStack } from '../../capture/plan-stack.ts';
import { HeldMemory } from '../../capture/process-memory.ts';
import { emptyHead } from '../../capture/read-core-head.ts';
import { ReturnAddresses } from '../../capture/return-addresses.ts';
import { stackInUse } from '../../capture/stack-in-use.ts';
import { findSlots, followFramePointers } from '../../capture/stack-slots.ts';

const CODE = 0x400000;
const STACK = 0x700000;
const STACK_BYTES = 0x10000;
/** Behind a call, and within code that is no call. */
const RETURN = CODE + 21;
const OTHER_RETURN = CODE + 37;
const NO_RETURN = CODE + 60;

/** A page of code with two calls, and a stack of which the words are given. */
function processWith(words: ReadonlyMap<number, number>) {
  const code = Buffer.alloc(0x1000, 0x90);
  code.set([0xe8, 0, 0, 0, 0], 16);
  code.set([0xe8, 0, 0, 0, 0], 32);
  const stack = Buffer.alloc(STACK_BYTES);
  for (const [address, word] of words) stack.writeBigUInt64LE(BigInt(word), address - STACK);
  const segment = (start: number, bytes: number, flags: number) => ({
    start: BigInt(start),
    end: BigInt(start + bytes),
    fileBytes: BigInt(bytes),
    flags,
  });
  const head = emptyHead(62, 64);
  head.segments = [segment(CODE, 0x1000, 5), segment(STACK, STACK_BYTES, 6)];
  const memory = new HeldMemory(head.segments, (target, at, { address, bytes }) => {
    const [source, start] = address < STACK ? [code, CODE] : [stack, STACK];
    return source.copy(target, at, address - start, address - start + bytes);
  });
  return { memory, pages: memory.pages, returns: new ReturnAddresses(head, memory, x8664) };
}

/** Frames of `bytes` bytes with frame pointers, innermost at `first`: the word below a return address leads to the next. */
function chained(first: number, bytes: number, count: number): Map<number, number> {
  const words = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    const slot = first + index * bytes;
    words.set(slot, RETURN);
    words.set(slot - 8, slot + bytes - 8);
  }
  return words;
}

test('findSlots() finds return addresses from either end, and stops when a recursion has shown itself', () => {
  const words = chained(STACK + 0x108, 0x100, 100);
  words.set(STACK + 0x40, NO_RETURN);
  words.set(STACK + 0x48, 0x1234);
  const { pages, returns } = processWith(words);
  const area = { start: STACK, end: STACK + STACK_BYTES };
  const up = findSlots(pages, returns, { ...area, frames: 10, direction: 'up' });
  assert.deepEqual(
    up,
    Array.from({ length: 10 }, (_, index) => STACK + 0x108 + index * 0x100),
  );
  const down = findSlots(pages, returns, { ...area, frames: 10, direction: 'down' });
  assert.deepEqual(
    [down.length, down[0], down[9]],
    [10, STACK + 0x108 + 90 * 0x100, STACK + 0x108 + 99 * 0x100],
  );
  assert.equal(findSlots(pages, returns, { ...area, frames: 1000, direction: 'up' }).length, 100);
});

test('followFramePointers() takes the chain that leads furthest, and ends where one leads back', () => {
  const words = chained(STACK + 0x808, 0x100, 20);
  // Left over: two frames that lead nowhere, and one that leads to itself.
  for (const [address, word] of chained(STACK + 0x108, 0x40, 2)) words.set(address, word);
  words.set(STACK + 0x208, OTHER_RETURN);
  words.set(STACK + 0x200, STACK + 0x200);
  const { pages, returns } = processWith(words);
  const end = STACK + STACK_BYTES;
  const first = findSlots(pages, returns, { start: STACK, end, frames: 1000, direction: 'up' });
  const chain = followFramePointers(pages, returns, { first, end, frames: 1000 });
  assert.deepEqual(
    chain,
    Array.from({ length: 20 }, (_, index) => STACK + 0x808 + index * 0x100),
  );
  assert.equal(followFramePointers(pages, returns, { first, end, frames: 5 }).length, 5);
});

test('ReturnAddresses knows code from data, and a call from what is none', () => {
  const { returns } = processWith(new Map());
  assert.deepEqual(
    [RETURN, OTHER_RETURN].map((address) => returns.has(address)),
    [true, true],
  );
  assert.deepEqual(
    [NO_RETURN, STACK, 0, 2 ** 47, CODE].map((address) => returns.has(address)),
    Array(5).fill(false),
  );
  assert.equal(returns.isCode(NO_RETURN), true);
  assert.equal(returns.isCode(STACK), false);
});

test('stackInUse() knows where a stack ends, and finds one that has overflowed', () => {
  const { memory } = processWith(new Map());
  const bounds = { control: 0, mainStackAddress: 0, alternate: [] };
  const at = (sp: number, more: Partial<typeof bounds> = {}) =>
    stackInUse(memory.dumped, sp, { redZoneBytes: 128, bounds: { ...bounds, ...more } });
  const end = STACK + STACK_BYTES;
  assert.deepEqual(at(STACK + 0x1003), { start: STACK + 0x1003 - 128 - 3, end, endIsKnown: false });
  assert.deepEqual(at(STACK + 16), { start: STACK, end, endIsKnown: false });
  assert.deepEqual(at(STACK - 4096), { start: STACK, end, endIsKnown: false });
  assert.equal(at(end), null);
  assert.equal(at(0x1000), null);
  const control = STACK + 0x8000;
  assert.deepEqual(at(STACK + 0x1000, { control }), {
    start: STACK + 0x1000 - 128,
    end: control,
    endIsKnown: true,
  });
  const main = at(STACK + 0x1000, { mainStackAddress: end - 100 });
  assert.deepEqual(main, { start: STACK + 0x1000 - 128, end, endIsKnown: true });
  const handler = stackInUse(memory.dumped, STACK + 0x2010, {
    redZoneBytes: 128,
    bounds: { ...bounds, alternate: [{ start: STACK + 0x2000, end: STACK + 0x3000 }] },
  });
  assert.deepEqual(handler, { start: STACK + 0x2000, end: STACK + 0x3000, endIsKnown: true });
});

test('countGap() counts what an unwinder does not get to, by return address', () => {
  const words = chained(STACK + 0x108, 0x100, 200);
  words.set(STACK + 0x5050, OTHER_RETURN);
  const { pages } = processWith(words);
  const gap = { tid: 7, start: STACK + 0x1000, end: STACK + 0x8000, returns: [RETURN, OTHER_RETURN] };
  const range = (start: number, bytes: number) => ({ start, bytes, flags: 6 });
  const inner = range(STACK, 0x1000);
  const outer = range(STACK + 0x8000, 0x8000);
  const count = (...ranges: ReturnType<typeof range>[]) => countGap(gap, ranges, { pages, elfClass: elf64 });
  assert.deepEqual(count(inner, outer), {
    tid: 7,
    start: STACK + 0x1000,
    end: STACK + 0x8000,
    returns: new Map([
      [RETURN, 0x70],
      [OTHER_RETURN, 1],
    ]),
    isCounted: true,
  });
  // What holds the ends may be longer than planned, and a pointer into the gap has taken the next frame.
  const longer = count(range(STACK, 0x1080), range(STACK + 0x1100, 0x10), range(STACK + 0x7f80, 0x8080));
  assert.deepEqual([longer?.start, longer?.end], [STACK + 0x1080, STACK + 0x7f80]);
  assert.equal(longer?.returns.get(RETURN), 0x6e);
  assert.equal(count(range(STACK, STACK_BYTES)), null);
});

test('takeStack() takes both ends of a stack of which nobody tells the end, as far as frame pointers lead', () => {
  const [bytes, count] = [0x60, 600];
  const { pages, returns } = processWith(chained(STACK + 0x108, bytes, count));
  const stack = { start: STACK, end: STACK + STACK_BYTES, endIsKnown: false };
  const policy = { wholeBytes: 4096, maxWholeBytes: 4096 };
  const takeWith = (searchLeft: number) =>
    takeStack({ pages, returns, searchLeft }, { stack, policy }, () => undefined);
  const outermost = STACK + 0x108 + (count - 1) * bytes;
  const { gap, windows } = takeWith(STACK_BYTES);
  assert.deepEqual(windows.at(-1)?.end, outermost + 384);
  assert.ok(gap !== null && gap.start > STACK + 256 * bytes && gap.end < outermost - 64 * bytes);
  assert.deepEqual(gap.returns, [RETURN]);
  // Where not all of it may be looked through there is no outer end, and none is made up.
  const cut = takeWith(STACK_BYTES / 2);
  assert.equal(cut.gap?.end, STACK + STACK_BYTES / 2);
  assert.deepEqual(
    cut.windows.filter((window) => window.end > (cut.gap?.start ?? 0) && window.start < window.end),
    [],
  );
});

test('takeStack() takes both ends of a recursion without frame pointers, whatever that register leads to', () => {
  const [bytes, count] = [0x60, 600];
  const words = new Map(Array.from({ length: count }, (_, index) => [STACK + 0x108 + index * bytes, RETURN]));
  // What the recursion has called last has saved the register, which is still that of a caller far out.
  const main = STACK + 0x108 + count * bytes;
  words.set(STACK + 0x88, OTHER_RETURN);
  words.set(STACK + 0x80, main - 8);
  words.set(main, OTHER_RETURN);
  const { pages, returns } = processWith(words);
  const stack = { start: STACK, end: STACK + STACK_BYTES, endIsKnown: true };
  const policy = { wholeBytes: 4096, maxWholeBytes: 4096 };
  const { gap } = takeStack({ pages, returns, searchLeft: STACK_BYTES }, { stack, policy }, () => undefined);
  assert.ok(gap !== null && gap.start > STACK + 256 * bytes && gap.end < main - 64 * bytes);
  assert.deepEqual(gap.returns, [RETURN, OTHER_RETURN]);
});
