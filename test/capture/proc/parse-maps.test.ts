import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseMaps } from '../../../capture/proc/parse-maps.ts';
import { damage } from './damage.ts';

test("parseMaps() gives this process's maps back, line for line", () => {
  const bytes = readFileSync('/proc/self/maps');
  const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, '0');
  const lines = [...parseMaps(bytes)].map(({ start, end, permissions, offset, device, inode, path }) => {
    const head = `${hex(start, 8)}-${hex(end, 8)} ${permissions} ${hex(offset, 8)} ${device} ${inode}`;
    return path === null ? `${head} ` : `${head.padEnd(72)} ${path.toString('latin1')}`;
  });
  assert.deepEqual(
    lines,
    bytes
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd().concat(line.endsWith(' ') ? ' ' : '')),
  );
  assert.ok(lines.length > 20);
});

test('parseMaps() keeps the bytes of a path, spaces and all', () => {
  const line =
    '7f0000000000-7f0000001000 r-xp 00001000 fe:01 99                         /tmp/a b \xff (deleted)\n';
  const [mapping] = parseMaps(Buffer.from(line, 'latin1'));
  assert.equal(mapping?.path?.toString('latin1'), '/tmp/a b \xff (deleted)');
  assert.equal(mapping.offset, 0x1000n);
});

test('parseMaps() passes over what is no line, and a last one that is cut', () => {
  const good = '00400000-00401000 r--p 00000000 00:00 0 \n';
  const text = `nonsense\n${good}zz-yy r--p 0 0:0 0\n${good.trim()}`;
  assert.equal([...parseMaps(Buffer.from(text))].length, 1);
  damage(readFileSync('/proc/self/maps').subarray(0, 2000), (damaged) => [...parseMaps(damaged)], 500);
});

test('parseMaps() gives a name its newline back', () => {
  const line = '7f0000000000-7f0000001000 r--p 00000000 fe:00 77    /tmp/a\\012b\\c\n';
  const [mapping] = parseMaps(Buffer.from(line));
  assert.equal(mapping?.path?.toString('latin1'), '/tmp/a\nb\\c');
});
