import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { writeCore } from '../../../capture/elf/write-core.ts';
import { captureCore } from '../../../capture/file/capture-core.ts';
import { CoreFile } from '../../../capture/file/core-file.ts';
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

test('CoreFile counts what a cut file lacks', (t) => {
  withFile(t, (_path, open) => {
    const file = new CoreFile(open(CORE.subarray(0, CORE.length - 0x1800)));
    assert.equal(file.cutBytes, 0x1800);
    const target = Buffer.alloc(0x1000);
    assert.equal(file.read(target, 0, { address: 0x12000, bytes: 0x1000 }), 0x800);
    assert.equal(file.read(target, 0, { address: 0x7f0000000000, bytes: 0x1000 }), 0);
  });
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
