import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { i386 } from '../../capture/arch/i386.ts';
import { x8664 } from '../../capture/arch/x86-64.ts';
import { bytesSource } from '../../capture/core-source.ts';
import { elf64 } from '../../capture/elf/elf-class.ts';
import { writeCore } from '../../capture/elf/write-core.ts';
import { followPointers } from '../../capture/follow-pointers.ts';
import { readLinkMap } from '../../capture/link-map.ts';
import { MemoryPlan } from '../../capture/memory-plan.ts';
import { noPagemap, openPagemap } from '../../capture/pagemap.ts';
import { HeldMemory } from '../../capture/process-memory.ts';
import { readCoreHead } from '../../capture/read-core-head.ts';
import { SegmentTable } from '../../capture/segment-table.ts';
import { shrinkNotes } from '../../capture/shrink-notes.ts';
import { randomFrom } from '../random.ts';

const segment = (start: number, bytes: number, fileBytes = bytes) => ({
  start: BigInt(start),
  end: BigInt(start + bytes),
  fileBytes: BigInt(fileBytes),
  flags: 6,
});

/** Memory in which each byte tells its address, with a hole at page 20. */
function countedMemory(segments = [segment(0x10000, 0x10000), segment(0x20000, 0x4000, 0x1000)]) {
  return new HeldMemory(segments, (target, at, { address, bytes }) => {
    let done = 0;
    for (; done < bytes && Math.floor((address + done) / 4096) !== 20; done += 1) {
      target[at + done] = ((address + done) >> 7) & 0xff;
    }
    return done;
  });
}

test('MemoryPlan gives every byte that was added, whole, within its segment and within its budget', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomFrom(seed);
    const memory = countedMemory();
    const budget = 1000 + random(100_000);
    const plan = new MemoryPlan(memory.dumped, budget);
    const wanted: [number, number][] = [];
    for (let count = random(60); count > 0; count -= 1) {
      const start = 0x10000 + random(0x14000);
      const bytes = 1 + random(random(4) === 0 ? 9000 : 300);
      const refused = plan.refused.get('x') ?? 0;
      plan.add('x', start, start + bytes);
      if ((plan.refused.get('x') ?? 0) === refused) wanted.push([start, start + bytes]);
    }
    const ranges = plan.ranges(memory.pages);
    const cost = ranges.reduce((sum, { bytes }) => sum + bytes + 56, 0);
    assert.ok(cost <= budget, `seed ${seed}: ${cost} bytes of ${budget}`);
    for (const [index, { start, bytes }] of ranges.entries()) {
      const before = ranges[index - 1];
      assert.ok(before === undefined || before.start + before.bytes <= start, `seed ${seed}: overlap`);
      assert.ok(
        start + bytes <= 0x21000 && memory.dumped.find(start) === memory.dumped.find(start + bytes - 1),
      );
    }
    for (const [start, end] of wanted) {
      for (let at = start; at < end; at += 1) {
        if (memory.dumped.find(at) !== memory.dumped.find(start)) break;
        if (memory.dumped.find(at) === -1 || Math.floor(at / 4096) === 20) continue;
        const isThere = ranges.some((range) => at >= range.start && at < range.start + range.bytes);
        assert.ok(isThere, `seed ${seed}: ${at.toString(16)} of ${start.toString(16)}-${end.toString(16)}`);
      }
    }
  }
});

test('MemoryPlan stays within its budget where segments begin within pages, as in a core that is small already', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomFrom(seed);
    const segments = Array.from({ length: 8 }, (_, index) => segment(0x10080 + index * 0x2800, 0x2700));
    const memory = countedMemory(segments);
    const budget = 1000 + random(100_000);
    const plan = new MemoryPlan(memory.dumped, budget);
    for (let count = 60; count > 0; count -= 1) {
      const start = 0x10000 + random(0x14000);
      plan.add('x', start, start + 1 + random(9000));
    }
    const cost = plan.ranges(memory.pages).reduce((sum, { bytes }) => sum + bytes + 56, 0);
    assert.ok(cost <= budget, `seed ${seed}: ${cost} bytes of ${budget}`);
  }
});

test('ProcessMemory reads up to what cannot be read, and nothing that is not dumped', () => {
  const { memory, everything } = countedMemory();
  assert.equal(memory.read(0x13ff0, 100).length, 16);
  assert.equal(memory.read(0x14000, 100).length, 0);
  assert.equal(memory.read(0x15ff0, 0x20)[16], 0xc0);
  assert.equal(memory.read(0x20ff0, 100).length, 16);
  assert.equal(memory.read(0x21000, 8).length, 0);
  assert.equal(everything.read(0x21000, 8).length, 8);
  assert.equal(memory.read(0x900000, 8).length, 0);
});

test('SegmentTable finds the segment of every address, also right after another look-up', () => {
  const segments = Array.from({ length: 50 }, (_, index) =>
    segment(0x1000 * (index * 3 + 2), 0x1000 * (1 + (index % 3))),
  );
  const table = new SegmentTable(segments, 'mapped');
  const random = randomFrom(3);
  for (let count = 0; count < 20_000; count += 1) {
    const address = random(0x1000 * 160);
    const expected = segments.findIndex(({ start, end }) => address >= start && address < end);
    assert.equal(table.find(address), expected, `at ${address.toString(16)}`);
  }
});

test('writeCore() writes what readelf and readCoreHead() read', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-write-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const ranges = [
    { start: 0x1000, bytes: 128, flags: 4 },
    { start: 0x7fff_ffff_e000, bytes: 4096, flags: 6 },
  ];
  const core = writeCore({ bits: 64, machine: 62, notes: Buffer.alloc(0) }, ranges, (range, bytes, at) =>
    bytes.fill(range.flags, at, at + range.bytes),
  );
  assert.deepEqual(
    [...readCoreHead(bytesSource(core)).segments].map(({ start, fileBytes, flags }) => [
      Number(start),
      Number(fileBytes),
      flags,
    ]),
    ranges.map(({ start, bytes, flags }) => [start, bytes, flags]),
  );
  writeFileSync(join(directory, 'core'), core);
  const listing = execFileSync('readelf', ['-W', '-h', '-l', join(directory, 'core')], { encoding: 'utf8' });
  assert.match(listing, /Type: +CORE/);
  assert.match(listing, /LOAD +0x0+e8 0x0+1000 0x0+ 0x0+80 0x0+80 R +0x1\n/);
  assert.match(listing, /LOAD +0x0+168 0x00007fffffffe000 0x0+ 0x0+1000 0x0+1000 RW +0x1\n/);
});

test('writeCore() writes a core of 32 bits as well', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'uc-write-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const ranges = [
    { start: 0x1000, bytes: 128, flags: 4 },
    { start: 0xffff_d000, bytes: 4096, flags: 6 },
  ];
  const core = writeCore({ bits: 32, machine: 3, notes: Buffer.alloc(0) }, ranges, (range, bytes, at) =>
    bytes.fill(range.flags, at, at + range.bytes),
  );
  const { segments, bits, machine } = readCoreHead(bytesSource(core));
  assert.deepEqual([bits, machine], [32, 3]);
  assert.deepEqual(
    [...segments].map(({ start, fileBytes, flags }) => [Number(start), Number(fileBytes), flags]),
    ranges.map(({ start, bytes, flags }) => [start, bytes, flags]),
  );
  writeFileSync(join(directory, 'core'), core);
  const listing = execFileSync('readelf', ['-W', '-h', '-l', join(directory, 'core')], { encoding: 'utf8' });
  assert.match(listing, /Class: +ELF32[\s\S]*Type: +CORE[\s\S]*Machine: +Intel 80386/);
  assert.match(listing, /LOAD +0x0+94 0x0+1000 0x0+ 0x0+80 0x0+80 R +0x1\n/);
  assert.match(listing, /LOAD +0x0+114 0xffffd000 0x0+ 0x0+1000 0x0+1000 RW +0x1\n/);
});

test('shrinkNotes() leaves the vector registers of others out first, and never the first thread', () => {
  const note = (name: string, type: number, bytes: number) => {
    const header = Buffer.alloc(20);
    header.writeUInt32LE(name.length + 1, 0);
    header.writeUInt32LE(bytes, 4);
    header.writeUInt32LE(type, 8);
    header.write(name, 12);
    return Buffer.concat([header, Buffer.alloc(bytes, type)]);
  };
  const thread = [note('CORE', 1, 336), note('CORE', 2, 512), note('LINUX', 0x202, 2696)];
  const notes = Buffer.concat(Array.from({ length: 10 }, () => thread).flat());
  const limits = (limitBytes: number, leastBytes = 0) => ({ limitBytes, leastBytes });
  assert.equal(shrinkNotes(notes, limits(notes.length)).bytes, notes);
  const less = shrinkNotes(notes, limits(notes.length / 2));
  assert.ok(less.bytes.length <= notes.length / 2);
  assert.match(
    less.omitted.join(),
    /^vector registers of \d threads: their notes do not fit into the budget$/,
  );
  const least = shrinkNotes(notes, limits(100));
  assert.deepEqual(least.bytes, Buffer.concat(thread));
  assert.equal(least.omitted.length, 3);
  // Whatever the first thread takes: room for the general registers of three others.
  const [general] = thread;
  assert.ok(general !== undefined);
  // A thread's notes go together.
  const tls = note('LINUX', 0x200, 48);
  const pairs = Buffer.concat(Array.from({ length: 10 }, () => [general, tls]).flat());
  const left = shrinkNotes(pairs, limits(pairs.length - 10)).bytes.length;
  assert.equal(left, (pairs.length * 9) / 10);
  const three = shrinkNotes(notes, limits(100, general.length * 3.5));
  assert.deepEqual(three.bytes, Buffer.concat([...thread, general, general, general]));
});

test('readLinkMap() ends at a list that bites its own tail, and at one that leads nowhere', () => {
  const bytes = Buffer.alloc(0x1000);
  const word = (at: number, value: number) => bytes.writeBigUInt64LE(BigInt(value), at);
  // A PT_LOAD and a PT_DYNAMIC; DT_DEBUG; r_debug; two entries, the second of which points to the first.
  bytes.writeUInt32LE(1, 64);
  word(64 + 32, 0x1000);
  word(64 + 40, 0x1000);
  bytes.writeUInt32LE(2, 120);
  word(120 + 16, 0x200);
  word(120 + 40, 0x40);
  word(0x200, 21);
  word(0x208, 0x10300);
  word(0x300, 1);
  word(0x308, 0x10400);
  word(0x418, 0x10500);
  word(0x518, 0x10400);
  const auxv = new Map([
    [3n, 0x10040n],
    [5n, 2n],
  ]);
  const read = () =>
    readLinkMap(
      auxv,
      {
        read: (at, length) =>
          at < 0x10000 ? Buffer.alloc(0) : bytes.subarray(at - 0x10000, at - 0x10000 + length),
      },
      elf64,
    );
  assert.deepEqual([read().entries.length, read().warnings.length], [2, 1]);
  assert.match(read().warnings.join(), /has no end/);
  word(0x518, 0x99);
  assert.match(read().warnings.join(), /breaks off after 2 entries/);
  for (let seed = 1; seed <= 2000; seed += 1) {
    const random = randomFrom(seed);
    const saved = Buffer.from(bytes);
    for (let count = 1 + random(8); count > 0; count -= 1) bytes[random(0x600)] = random(256);
    assert.ok(read().entries.length <= 8192, `seed ${seed}`);
    bytes.set(saved);
  }
});

const CALLS = [
  {
    architecture: x8664,
    flag: '-m64',
    targets: [
      ...['%rax', '%r11', '(%rcx)', '(%r12)', '(%rbp)', '8(%rbx)', '8(%r13)', '0x1234(%rdx)', '0x1234(%rsp)'],
      ...[
        '(%rsp)',
        '8(%rsp)',
        '(%rax,%rbx,8)',
        '8(%rax,%rbx,8)',
        '0x1234(%rax,%r9,8)',
        '0x1234(%rip)',
        '0x123456',
      ],
    ],
  },
  {
    architecture: i386,
    flag: '-m32',
    targets: [
      ...[
        '%eax',
        '(%ecx)',
        '(%ebp)',
        '8(%ebx)',
        '0x1234(%edx)',
        '0x1234(%esp)',
        '(%esp)',
        '8(%esp)',
        '%gs:0x10',
      ],
      ...['(%eax,%ebx,8)', '8(%eax,%ebx,8)', '0x1234(%eax,%esi,8)', '0x123456', '0x1234(,%eax,4)'],
    ],
  },
];

for (const { architecture, flag, targets } of CALLS) {
  test(`isCall() knows every call instruction that objdump knows, ${flag}`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'uc-calls-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'calls');
    const calls = targets.map((target) => `call *${target}`);
    writeFileSync(`${file}.s`, `.rept 8\nnop\n.endr\n${[...calls, 'call main', 'main:'].join('\n')}\n`);
    execFileSync('gcc', [flag, '-c', '-o', `${file}.o`, `${file}.s`]);
    execFileSync('objcopy', ['-O', 'binary', '--only-section=.text', `${file}.o`, `${file}.bin`]);
    const code = readFileSync(`${file}.bin`);
    const listing = execFileSync('objdump', ['-w', '-d', `${file}.o`], { encoding: 'utf8' });
    const lines = [...listing.matchAll(/^ +([0-9a-f]+):\t((?:[0-9a-f]{2} )+)/gm)];
    const instructions = lines.map(([, at = '', bytes = '']) => ({
      at: Number.parseInt(at, 16),
      bytes: bytes.length / 3,
    }));
    const ends = instructions.map(({ at, bytes }) => at + bytes).filter((end) => end > 8);
    assert.equal(ends.length, calls.length + 1);
    for (const end of ends) {
      assert.ok(architecture.isCall(code.subarray(end - 8, end)), `before ${end.toString(16)}`);
    }
    assert.equal(architecture.isCall(Buffer.alloc(8, 0x90)), false);
  });
}

test('isCall() knows the calls by which i386 code only asks where it is', () => {
  const call = Buffer.from('909090e811223344', 'hex');
  const followedBy = (hex: string) => i386.isCall(Buffer.concat([call, Buffer.from(hex, 'hex')]));
  // add $0xa281e,%ebx; add $0xa27ae,%eax; add $0x1000,%esp; mov 4(%eax),%eax; test %eax,%eax; the end of the page.
  assert.deepEqual(['81c31e280a00', '05ae270a0090', '81c400100000', '8b400485c090', ''].map(followedBy), [
    false,
    false,
    true,
    true,
    true,
  ]);
});

test('followPointers() says how much it has not looked at', () => {
  // A stack of nothing but pointers to as many places.
  const stack = 0x100_0000;
  const heap = 0x200_0000;
  const words = 3 * 4096;
  const memory = new HeldMemory(
    [segment(stack, words * 8), segment(heap, words * 64)],
    (target, at, { address, bytes }) => {
      for (let done = 0; done < bytes; done += 8) {
        const word = address < heap ? heap + (address + done - stack) * 8 : 0;
        target.writeBigUInt64LE(BigInt(word), at + done);
      }
      return bytes;
    },
  );
  const plan = new MemoryPlan(memory.dumped, 2 ** 26);
  const limits = { label: 'some thread', behindBytes: [64], blockBytes: [0], allowance: 2 ** 26 };
  const context = { plan, pages: memory.pages, segments: memory.dumped, architecture: x8664 };
  memory.pages.load(stack / 4096, (stack + words * 8) / 4096);
  followPointers(
    context,
    [
      { start: stack, end: stack + words * 4 },
      { start: stack + words * 4, end: stack + words * 8 },
    ],
    limits,
  );
  assert.deepEqual([...plan.unseen], [['what pointers lead to, some thread', (words - 4096) * 8]]);
});

test('Pagemap.modified() looks at as many pages as it is asked for', (t) => {
  const pagemap = openPagemap(process.pid);
  t.after(() => pagemap.close());
  // Where nothing is mapped nothing is modified; without a page table all of them are, also of more than one read.
  assert.deepEqual(pagemap.modified(16, 16 + 10_000), []);
  assert.equal(noPagemap.modified(16, 16 + 10_000).length, 10_000);
  const bytes = Buffer.allocUnsafeSlow(64 * 1024 * 1024).fill(1);
  const maps = readFileSync('/proc/self/maps', 'latin1');
  const own = [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *$/gm)]
    .map(([, start = '', end = '']) => [Number.parseInt(start, 16) / 4096, Number.parseInt(end, 16) / 4096])
    .find(([start = 0, end = 0]) => end - start >= bytes.length / 4096);
  const [start = 0, end = 0] = own ?? [];
  assert.ok(pagemap.modified(start, end).length >= bytes.length / 4096);
});
