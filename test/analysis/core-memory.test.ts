import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressSpace } from '../../analysis/sections/address-space.ts';
import { CoreMemory } from '../../analysis/sections/core-memory.ts';
import { memoryWindows } from '../../analysis/sections/memory-windows.ts';
import { stackWords } from '../../analysis/sections/stack-words.ts';
import { mainPointers } from '../../analysis/thread-place.ts';
import { writeCore } from '../../capture/elf/write-core.ts';

/** A core of three pieces of memory: two that touch and one apart. */
function core(): Buffer {
  const pieces = [
    { address: 0x1000n, bytes: Buffer.from('hello, world\0'.padEnd(64, 'x')) },
    { address: 0x1040n, bytes: Buffer.alloc(64, 0x41) },
    { address: 0x7000n, bytes: Buffer.alloc(24) },
  ];
  pieces[2]?.bytes.writeBigUInt64LE(0x1000n, 0);
  pieces[2]?.bytes.writeBigUInt64LE(0x7010n, 8);
  const header = Buffer.alloc(64 + pieces.length * 56);
  header.write('7f454c46020101', 'hex');
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(pieces.length, 56);
  let offset = header.length;
  for (const [index, { address, bytes }] of pieces.entries()) {
    const at = 64 + index * 56;
    header.writeUInt32LE(1, at);
    header.writeBigUInt64LE(BigInt(offset), at + 8);
    header.writeBigUInt64LE(address, at + 16);
    header.writeBigUInt64LE(BigInt(bytes.length), at + 32);
    offset += bytes.length;
  }
  return Buffer.concat([header, ...pieces.map(({ bytes }) => bytes)]);
}

const nowhere = new AddressSpace([], []);
const mapped = new AddressSpace(
  [],
  [
    {
      start: '0000000000007000',
      end: '0000000000008000',
      permissions: 'rw-p',
      offset: '0'.repeat(16),
      device: '00:00',
      inode: 0,
      path: '[stack]',
    },
  ],
);

test('CoreMemory.read() joins neighbouring segments and ends where the core does', () => {
  const memory = new CoreMemory(core());
  assert.equal(memory.read(0x1000n, 12).toString(), 'hello, world');
  assert.equal(memory.read(0x103en, 4).toString(), 'xxAA');
  assert.equal(memory.read(0x1070n, 64).length, 16);
  assert.equal(memory.read(0xfffn, 4).length, 0);
  assert.equal(memory.read(2n ** 64n - 1n, 8).length, 0);
});

test('CoreMemory survives every truncation and flipped bits', () => {
  const whole = core();
  for (let length = 0; length < whole.length; length += 1) {
    new CoreMemory(whole.subarray(0, length)).read(0x1000n, 200);
  }
  const seed = 20261121;
  let state = seed;
  for (let round = 0; round < 20_000; round += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const bytes = Buffer.from(whole);
    const at = (state >>> 8) % (64 + 3 * 56);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (state & 7));
    assert.doesNotThrow(
      () => stackWords(0x7000n, new CoreMemory(bytes), nowhere),
      `seed ${seed} round ${round}`,
    );
  }
});

test('stackWords() says what a word points to: text, or the mapping', () => {
  const words = stackWords(0x7000n, new CoreMemory(core()), mapped);
  assert.deepEqual(
    words.map(({ value, note }) => [value, note]),
    [
      ['0000000000001000', '"hello, world"'],
      ['0000000000007010', '[stack]'],
      ['0000000000000000', null],
    ],
  );
});

test('CoreMemory and stackWords() read a core of 32 bits in words of 4 bytes, also where it is cut', () => {
  const stack = Buffer.alloc(256);
  stack.writeUInt32LE(0x1000, 0);
  stack.writeUInt32LE(0xffff_d008, 4);
  const pieces = [Buffer.from('hello, world\0'), stack];
  const ranges = [
    { start: 0x1000, bytes: 13, flags: 6 },
    { start: 0xffff_d000, bytes: 256, flags: 6 },
  ];
  const whole = writeCore({ bits: 32, machine: 3, notes: Buffer.alloc(0) }, ranges, (range, bytes, at) =>
    pieces[ranges.indexOf(range)]?.copy(bytes, at),
  );
  const words = stackWords(0xffff_d000n, new CoreMemory(whole), nowhere);
  assert.equal(words.length, 64);
  assert.deepEqual(words.slice(0, 2), [
    { address: '00000000ffffd000', value: '0000000000001000', note: '"hello, world"' },
    { address: '00000000ffffd004', value: '00000000ffffd008', note: null },
  ]);
  for (let length = 0; length < whole.length; length += 1) {
    new CoreMemory(whole.subarray(0, length)).read(0xffff_d000n, 200);
  }
});

test('memoryWindows() shows 32 bytes before and 64 in all, and registers that share a window once', () => {
  const registers = new Map([
    ['rax', 0x1030n],
    ['rdi', 0x1030n],
    ['rsp', 0x7008n],
    ['rbx', 0x5n],
  ]);
  const windows = memoryWindows(
    mainPointers(registers, { machine: 62, bits: 64 }),
    new CoreMemory(core()),
    mapped,
  );
  assert.deepEqual(
    windows.map(({ label, address, hex, mapping }) => [label, address, hex.length / 2, mapping]),
    [
      ['rsp', '0000000000007000', 24, '[stack]'],
      ['rdi, rax', '0000000000001010', 64, null],
    ],
  );
});

test('stackWords() begins at the lowest word of the stack where sp has overflowed it, and not at another mapping', () => {
  const memory = new CoreMemory(core());
  const below = stackWords(0x6000n, memory, nowhere);
  assert.deepEqual(
    below.map(({ address }) => address),
    ['0000000000007000', '0000000000007008', '0000000000007010'],
  );
  assert.deepEqual(stackWords(0x2000_0000n, memory, nowhere), []);
});
