import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { corePieces } from '../../client/default-handler/core-pieces.ts';
import { CoreStream } from '../../client/default-handler/core-stream.ts';
import { writeCore } from '../../client/default-handler/write-core.ts';

const PAGE = 4096;
const UNLIMITED = 2n ** 64n - 1n;

/** A core as gdb makes it; and two pages of nothing at its end. */
function someCore(t: TestContext): { directory: string; core: Buffer } {
  const directory = mkdtempSync('/var/tmp/uc-write-core-');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'core');
  const commands = ['starti', `gcore ${path}`, 'kill'];
  spawnSync('gdb', ['-nx', '-batch', ...commands.flatMap((c) => ['-ex', c]), '/bin/true'], {
    stdio: 'ignore',
  });
  return { directory, core: Buffer.concat([readFileSync(path), Buffer.alloc(2 * PAGE)]) };
}

/** Writes `core`, of which the first `peeked` bytes had been read. */
function written(directory: string, core: Buffer, { limit = UNLIMITED, peeked = 0 } = {}) {
  const parts = [core.subarray(0, peeked), core.subarray(peeked)].map((bytes, index) => {
    const path = join(directory, `part.${index}`);
    writeFileSync(path, bytes);
    return openSync(path, 'r');
  });
  const out = join(directory, 'out');
  const file = openSync(out, 'w');
  const stream = new CoreStream(parts);
  const pieces = corePieces(stream.peekHead());
  writeCore(file, stream, { pieces, limit });
  const { blocks } = fstatSync(file);
  for (const fd of [file, ...parts]) closeSync(fd);
  return { bytes: readFileSync(out), blocks };
}

test('writeCore() writes what came, byte for byte, wherever it had been divided', (t) => {
  const { directory, core } = someCore(t);
  for (const peeked of [0, 1, 64, 5000, core.length]) {
    const { bytes, blocks } = written(directory, core, { peeked });
    assert.ok(bytes.equals(core), `${peeked}`);
    assert.ok(blocks * 512 < core.length, 'pages of zeros are holes');
  }
});

test('writeCore() ends before what the limit does not allow, and does not count holes', (t) => {
  const page = (byte: number) => Buffer.alloc(PAGE, byte);
  const { directory } = someCore(t);
  const core = Buffer.concat([page(1), page(0), page(2), page(3), page(0), Buffer.from('end')]);
  const rows: [limit: number, size: number][] = [
    [0, 0],
    [PAGE, PAGE],
    [2 * PAGE - 1, PAGE],
    [2 * PAGE, 3 * PAGE],
    [3 * PAGE, 4 * PAGE],
    [3 * PAGE + 2, 4 * PAGE],
    [3 * PAGE + 3, core.length],
  ];
  for (const [limit, size] of rows) {
    const { bytes } = written(directory, core, { limit: BigInt(limit) });
    // The last page is a hole before an end that does not fit: the kernel leaves it out as well.
    assert.ok(bytes.equals(core.subarray(0, size)), `${limit}: ${bytes.length}, not ${size}`);
  }
});

test('corePieces() gives what is not laid out as the kernel does in one piece', (t) => {
  const { core } = someCore(t);
  for (const other of [
    Buffer.alloc(0),
    Buffer.from('x'),
    core.subarray(0, 100),
    Buffer.alloc(5000, 0x7f),
    core,
  ]) {
    assert.deepEqual(corePieces(other), [{ bytes: other.length, padding: 0 }]);
  }
});
