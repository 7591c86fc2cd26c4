import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { packingOf, unpackCore } from '../../debugger/unpack-core.ts';
import { testDirectory } from './live-program.ts';

const CORPUS = join(import.meta.dirname, '../fuzz/corpus/packed-core');

test('unpackCore() says of every packing that there is something else behind it', async (t) => {
  const directory = testDirectory(t);
  const path = join(directory, 'core');
  const unpacked = async () => {
    const fd = openSync(path, 'r');
    const { fd: content, damage } = await unpackCore({ path, fd }, directory, t.signal);
    t.after(() => closeSync(content));
    const found = { packing: packingOf(fd), size: fstatSync(content).size, damage };
    closeSync(fd);
    return found;
  };
  for (const name of ['zstd', 'zstd-frames', 'gzip', 'xz', 'lz4']) {
    const packed = readFileSync(join(CORPUS, `${name}.bin`));
    writeFileSync(path, packed);
    const whole = await unpacked();
    assert.deepEqual([whole.packing, whole.damage], [name.replace('-frames', ''), null]);
    for (const length of [1, 1000]) {
      writeFileSync(path, Buffer.concat([packed, Buffer.alloc(length, 'x')]));
      const { size, damage } = await unpacked();
      assert.match(
        damage ?? 'nothing is said',
        /header|corrupt|end|format|bytes behind its last frame/i,
        name,
      );
      // Node's own unpacker drops what it holds when it fails.
      assert.ok(name === 'gzip' ? size > 0 : size === whole.size, name);
    }
  }
});

test('unpackCore() refuses what is no core before it has unpacked all of it', async (t) => {
  const directory = testDirectory(t);
  const path = join(directory, 'core');
  // Whose end would be damage, were it read.
  const packed = gzipSync(randomBytes(8 * 1024 * 1024));
  writeFileSync(path, packed.subarray(0, packed.length - 100));
  const fd = openSync(path, 'r');
  await assert.rejects(unpackCore({ path, fd }, directory, t.signal), {
    message: `${path} is no core: what is packed in it does not begin like an ELF file`,
  });
  closeSync(fd);
});
