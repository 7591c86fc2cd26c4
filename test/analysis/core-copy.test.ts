import assert from 'node:assert/strict';
import test from 'node:test';
import { CoreCopy } from '../../analysis/gdb/core-copy.ts';
import { CoreMemory } from '../../analysis/sections/core-memory.ts';
import { bytesSource } from '../../capture/core-source.ts';
import { writeCore } from '../../capture/elf/write-core.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';

/** NT_PRSTATUS of x86-64: the thread's id at 32, registers from 112 on, rip the 17th. */
function threadNote(tid: number): Buffer {
  const note = Buffer.alloc(20 + 336);
  note.writeUInt32LE(5, 0);
  note.writeUInt32LE(336, 4);
  note.writeUInt32LE(1, 8);
  note.write('CORE', 12);
  note.writeInt32LE(tid, 20 + 32);
  note.writeBigUInt64LE(0x1111n, 20 + 112 + 16 * 8);
  return note;
}

function sampleCore(): Buffer {
  const ranges = [
    { start: 0x10000, bytes: 256, flags: 6 },
    { start: 0x7fff_0000_0000, bytes: 128, flags: 6 },
  ];
  const notes = Buffer.concat([threadNote(5), threadNote(6)]);
  return writeCore({ machine: 62, bits: 64, notes }, ranges, (range, bytes, at) =>
    bytes.fill(range.start === 0x10000 ? 1 : 2, at, at + range.bytes),
  );
}

test('CoreCopy changes the copy and leaves the core', () => {
  const core = sampleCore();
  const before = Buffer.from(core);
  const copy = new CoreCopy(core);
  assert.equal(copy.write(0x7fff_0000_0010, Buffer.from('changed')), true);
  assert.equal(copy.write(0x10000 + 250, Buffer.from('too long')), false);
  assert.equal(copy.write(0x999, Buffer.from('x')), false);
  assert.equal(copy.setRegisters(6, 32, new Map([[112 + 16 * 8, 0x5555_4444_3333]])), true);
  assert.equal(copy.setRegisters(7, 32, new Map()), false);
  assert.deepEqual(core, before);

  const head = readCoreHead(bytesSource(copy.bytes));
  const pcs = head.threads.map(({ tid, registers }) => [tid, Number(registers.get('rip'))]);
  assert.deepEqual(pcs, [
    [5, 0x1111],
    [6, 0x5555_4444_3333],
  ]);
  assert.equal(copy.addCode(0x1000, Buffer.from('some code')), true);
  const memory = new CoreMemory(copy.bytes);
  assert.equal(memory.read(0x1000n, 9).toString(), 'some code');
  assert.equal(memory.read(0x7fff_0000_0010n, 8).toString(), 'changed\x02');
  assert.deepEqual(memory.read(0x10000n, 256), Buffer.alloc(256, 1));
});

test('CoreCopy does nothing to what is no core', () => {
  for (const bytes of [Buffer.alloc(64), Buffer.alloc(4096, 0xff), sampleCore().subarray(0, 80)]) {
    const copy = new CoreCopy(bytes);
    assert.equal(copy.write(0x10000, Buffer.from('x')), false);
    copy.addCode(0x1000, Buffer.from('x'));
    assert.equal(copy.setRegisters(5, 32, new Map([[0, 1]])), false);
  }
});
