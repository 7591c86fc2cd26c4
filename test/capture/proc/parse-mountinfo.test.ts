import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseMountinfo } from '../../../capture/proc/parse-mountinfo.ts';

test("parseMountinfo() finds this process's mounts, each with its type", () => {
  const bytes = readFileSync('/proc/self/mountinfo');
  const mounts = parseMountinfo(bytes);
  assert.equal(mounts.size, bytes.toString('latin1').trimEnd().split('\n').length);
  assert.ok([...mounts.values()].some(({ type }) => type === 'proc'));
});

test('parseMountinfo() is not led astray by what a mount is called', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt/-\\040-\\040ext4 rw,noatime master:1 - fuse.sshfs a\\040-\\040ext4 rw',
    '37 35 0:41 / /x rw - overlay overlay rw,lowerdir=/a\\040-\\040ext4',
    'nonsense - ext4 /dev/x rw',
    '38 35 0:42 / /y rw',
  ].join('\n');
  assert.deepEqual(
    [...parseMountinfo(Buffer.from(`${text}\n`))],
    [
      [36, { type: 'fuse.sshfs', device: '98:0' }],
      [37, { type: 'overlay', device: '0:41' }],
    ],
  );
});
