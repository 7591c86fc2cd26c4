import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { elf64 } from '../../../capture/elf/elf-class.ts';
import { writeCore } from '../../../capture/elf/write-core.ts';
import { captureCore } from '../../../capture/file/capture-core.ts';
import { withCodeSegments } from '../../../capture/file/code-segments.ts';
import { CoreFile } from '../../../capture/file/core-file.ts';
import type { FoundModule } from '../../../capture/find-modules.ts';
import { NotACoreError } from '../../../capture/read-core-head.ts';
import { damage } from '../proc/damage.ts';

/** Three segments, of which two are neighbours; each byte is the low byte of its page. */
const RANGES = [
  { start: 0x10000, bytes: 0x2000, flags: 6 },
  { start: 0x12000, bytes: 0x1000, flags: 4 },
  { start: 0x7f0000000000, bytes: 0x1000, flags: 5 },
];
const CORE = writeCore(
  { bits: 64, machine: 62, notes: Buffer.alloc(0) },
  RANGES,
  ({ start, bytes }, core, at) => {
    for (let offset = 0; offset < bytes; offset += 1) core[at + offset] = ((start + offset) >>> 12) & 0xff;
  },
);

function withFile<Result>(
  t: test.TestContext,
  use: (path: string, open: (bytes: Buffer) => number) => Result,
): Result {
  const directory = mkdtempSync(join(tmpdir(), 'core-file-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'core');
  let fd: number | null = null;
  const open = (bytes: Buffer) => {
    if (fd !== null) closeSync(fd);
    writeFileSync(path, bytes);
    fd = openSync(path, 'r');
    return fd;
  };
  t.after(() => fd !== null && closeSync(fd));
  return use(path, open);
}

test('CoreFile reads memory across segments that touch, and stops at a gap', (t) => {
  withFile(t, (_path, open) => {
    const file = new CoreFile(open(CORE));
    const target = Buffer.alloc(0x4000, 0xee);
    assert.equal(file.read(target, 0, { address: 0x11000, bytes: 0x4000 }), 0x2000);
    assert.deepEqual([target[0], target[0xfff], target[0x1000], target[0x2000]], [0x11, 0x11, 0x12, 0xee]);
    assert.equal(file.read(target, 0, { address: 0x7f0000000800, bytes: 0x100 }), 0x100);
    assert.equal(file.read(target, 0, { address: 0x9000, bytes: 0x1000 }), 0);
    assert.equal(file.cutBytes, 0);
  });
});

test('CoreFile gives zeros for what a small core lacks of a page, and nothing of a page of which it has nothing', (t) => {
  const ranges = [
    { start: 0x10380, bytes: 0x80, flags: 6 },
    { start: 0x10f00, bytes: 0x200, flags: 6 },
    { start: 0x13000, bytes: 0x80, flags: 6 },
  ];
  const core = writeCore(
    { bits: 64, machine: 62, notes: Buffer.alloc(0) },
    ranges,
    ({ bytes, flags }, all, at) => all.fill(flags, at, at + bytes),
  );
  withFile(t, (_path, open) => {
    const file = new CoreFile(open(core));
    const target = Buffer.alloc(0x4000, 0xee);
    assert.equal(file.read(target, 0, { address: 0x10000, bytes: 0x4000 }), 0x2000);
    const held = Array.from({ length: 0x2000 }, (_, at) => at).filter((at) => target[at] === 6);
    assert.deepEqual([held.length, held[0], held[0x80], held.at(-1)], [0x280, 0x380, 0xf00, 0x10ff]);
    assert.ok(target.subarray(0, 0x2000).every((byte) => byte === 6 || byte === 0));
    assert.equal(target[0x2000], 0xee);
    assert.equal(file.read(target, 0, { address: 0x12000, bytes: 0x2000 }), 0);
    assert.equal(file.read(target, 0, { address: 0x13000, bytes: 0x1000 }), 0x1000);
  });
});

test('CoreFile counts what a cut file lacks', (t) => {
  withFile(t, (_path, open) => {
    const file = new CoreFile(open(CORE.subarray(0, CORE.length - 0x1800)));
    assert.equal(file.cutBytes, 0x1800);
    const target = Buffer.alloc(0x1000);
    assert.equal(file.read(target, 0, { address: 0x12000, bytes: 0x1000 }), 0x800);
    assert.equal(file.read(target, 0, { address: 0x7f0000000000, bytes: 0x1000 }), 0);
  });
});

test('withCodeSegments() adds the code of modules of which a core does not tell, and keeps segments apart', () => {
  const segment = (start: number, end: number, flags = 4) => ({
    start: BigInt(start),
    end: BigInt(end),
    fileBytes: BigInt(end - start),
    flags,
  });
  const known = [segment(0x10000, 0x10400), segment(0x12800, 0x12900), segment(0x20000, 0x21000, 5)];
  const code = (base: number, address: number, memoryBytes: number): FoundModule => ({
    name: Buffer.alloc(0),
    isExecutable: false,
    base,
    start: base,
    end: base + 0x8000,
    buildId: null,
    file: null,
    headers: {
      elfClass: elf64,
      address: base,
      base,
      start: base,
      end: base + 0x8000,
      headBytes: 64,
      headers: [
        { type: 1, flags: 4, offset: 0, address: 0, fileBytes: 0x400, memoryBytes: 0x400 },
        { type: 1, flags: 5, offset: address, address, fileBytes: memoryBytes, memoryBytes },
      ],
    },
  });
  // Around what is known, up to whole pages; of code that is known already, and of code that overlaps, nothing.
  const modules = [code(0x10000, 0x2000, 0x1f00), code(0x20000, 0, 0x1000), code(0x10000, 0x3000, 0x2000)];
  const places = [...withCodeSegments(known, modules)].map(({ start, end, fileBytes, flags }) =>
    [start, end, fileBytes].map(Number).concat(flags),
  );
  assert.deepEqual(places, [
    [0x10000, 0x10400, 0x400, 4],
    [0x12000, 0x12800, 0, 1],
    [0x12800, 0x12900, 0x100, 4],
    [0x12900, 0x14000, 0, 1],
    [0x14000, 0x15000, 0, 1],
    [0x20000, 0x21000, 0x1000, 5],
  ]);
});

test('captureCore() reads any file: cut at every length, with flipped bits', (t) => {
  withFile(t, (_path, open) => {
    const head = CORE.subarray(0, 600);
    damage(
      head,
      (damaged) => {
        try {
          captureCore(open(damaged), { sysroot: '/', executable: null });
        } catch (error) {
          if (!(error instanceof NotACoreError)) throw error;
        }
      },
      300,
    );
  });
});
