import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compilationDirectories } from '../../analysis/gdb/compilation-directories.ts';
import { readSplitDwarf } from '../../analysis/gdb/read-split-dwarf.ts';
import { SourceFiles } from '../../analysis/gdb/source-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'usercrash-split-'));
const build = join(directory, 'a build');
mkdirSync(join(build, 'obj'), { recursive: true });
writeFileSync(join(directory, 'a.c'), 'int main(int count) { return count; }\n');
execFileSync('gcc', ['-g', '-gsplit-dwarf', '-c', '-o', 'obj/a.o', '../a.c'], { cwd: build });
execFileSync('gcc', ['-g', '-o', join(directory, 'a'), 'obj/a.o'], { cwd: build });
test.after(() => rmSync(directory, { recursive: true }));

function opened<Result>(path: string, act: (fd: number) => Result): Result {
  const fd = openSync(path, 'r');
  try {
    return act(fd);
  } finally {
    closeSync(fd);
  }
}

test('compilationDirectories() finds where a program was compiled', () => {
  assert.equal(opened(join(directory, 'a'), (fd) => compilationDirectories(fd, 4))[0], build);
});

test('compilationDirectories() finds nothing in what is damaged, and never fails', () => {
  const whole = readFileSync(join(directory, 'a'));
  const damaged = join(directory, 'damaged');
  const look = (bytes: Buffer) => {
    writeFileSync(damaged, bytes);
    return opened(damaged, (fd) => compilationDirectories(fd, 4));
  };
  for (let length = 0; length < 256; length += 1) assert.deepEqual(look(whole.subarray(0, length)), []);
  const tableAt = Number(whole.readBigUInt64LE(40));
  for (const at of [40, 48, 60, 62, tableAt + 64, tableAt + 88, tableAt + 96]) {
    const bytes = Buffer.from(whole);
    bytes.fill(0xff, at, at + 8);
    assert.ok(Array.isArray(look(bytes)));
  }
});

test('readSplitDwarf() reads what gdb misses, by its name relative to there', async (t) => {
  const fd = openSync(join(directory, 'a'), 'r');
  const sourceFiles = new SourceFiles({ uid: 0, gid: 0 });
  t.after(() => {
    closeSync(fd);
    sourceFiles.close();
  });
  const place = { base: 0n, start: 0n, end: 0n, buildId: null, path: null, deleted: false, mayBlock: false };
  const module = { ...place, name: Buffer.from('a'), isExecutable: true, fd };
  const names = ['obj/a.dwo', 'obj/none.dwo', join(build, 'obj/a.dwo'), '/etc/shadow'];
  const files = await readSplitDwarf(names, [module], sourceFiles);
  assert.deepEqual(
    files.map(({ name }) => name.toString()),
    ['obj/a.dwo', join(build, 'obj/a.dwo')],
  );
  assert.deepEqual(files[0]?.bytes, readFileSync(join(build, 'obj/a.dwo')));
});
