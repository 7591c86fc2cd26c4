import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TarEntry, tar } from '../../install/tar.ts';

const entry = (path: string, text: string): TarEntry => ({
  path,
  bytes: Buffer.byteLength(text),
  content: [Buffer.from(text)],
});

async function packed(entries: TarEntry[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of tar(entries, 1_764_468_000)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('tar() makes archives that tar unpacks, with nothing of this machine in them', async (t) => {
  const directory = mkdtempSync('/tmp/uc-tar-');
  t.after(() => rmSync(directory, { recursive: true }));
  const texts = { 'a/empty': '', 'a/one': 'x', 'a/block': 'y'.repeat(512), 'a/more': 'z'.repeat(70_000) };
  const archive = await packed(Object.entries(texts).map(([path, text]) => entry(path, text)));
  assert.equal(archive.length % 512, 0);
  assert.equal(spawnSync('tar', ['-xC', directory], { input: archive }).status, 0);
  for (const [path, text] of Object.entries(texts))
    assert.equal(readFileSync(join(directory, path), 'utf8'), text);
  const { stdout, stderr } = spawnSync('tar', ['-tv', '--utc', '--full-time'], {
    input: archive,
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  assert.match(stdout, /^-rw-r--r-- root\/root +0 2025-11-30 02:00:00 a\/empty$/m);
  assert.deepEqual(await packed([entry('a', 'b')]), await packed([entry('a', 'b')]));
});

test('tar() is refused what does not fit, and what is not as long as it was announced', async () => {
  await assert.rejects(packed([entry('n'.repeat(101), '')]), /longer than 100 bytes/);
  await assert.rejects(packed([{ ...entry('a', 'bc'), bytes: 1 }]), /a has 2 bytes, and 1 were announced/);
  await assert.rejects(packed([{ ...entry('a', 'b'), bytes: 2 }]), /a has 1 bytes, and 2 were announced/);
  await assert.rejects(packed([{ ...entry('a', ''), bytes: 8 ** 11 }]), /over the limit/);
});
