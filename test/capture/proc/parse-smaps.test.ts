import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { type SmapsEntry, SmapsParser } from '../../../capture/proc/parse-smaps.ts';
import { damage } from './damage.ts';

const FIELDS = 'Size:                 24 kB\nRss:                  24 kB\n';
const SMAPS = Buffer.from(
  '55a63b972000-55a63b978000 r-xp 00002000 fe:00 260386                     /usr/bin/head\n' +
    `${FIELDS}Anonymous:             0 kB\nSwap:                  0 kB\nVmFlags: rd ex mr mw me \n` +
    '7f0000000000-7f0000002000 rw-p 00000000 00:00 0 \n' +
    `${FIELDS}Anonymous:             8 kB\nSwap:                  0 kB\nProtectionKey:         1\nVmFlags: rd wr mr dd ?? \n` +
    '7f0000002000-7f0000003000 rw-p 00000000 fe:00 7                          /tmp/VmFlags: dd\n' +
    `${FIELDS}Anonymous:             0 kB\nSwap:                  4 kB\nVmFlags: rd wr sh \n`,
);

function parse(...pieces: Buffer[]): SmapsEntry[] {
  const parser = new SmapsParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test('SmapsParser tells which mappings have pages of their own, and their flags', () => {
  const entries = parse(SMAPS);
  assert.deepEqual(
    entries.map(({ hasOwnPages, flags }) => [hasOwnPages, [...flags].join(' ')]),
    [
      [false, 'rd ex mr mw me'],
      [true, 'rd wr mr dd ??'],
      [true, 'rd wr sh'],
    ],
  );
  assert.equal(entries[2]?.line.toString().endsWith('/tmp/VmFlags: dd'), true);
});

test('SmapsParser gives the same whatever the pieces are', () => {
  const whole = parse(SMAPS);
  for (let at = 1; at < SMAPS.length; at += 1) {
    assert.deepEqual(parse(SMAPS.subarray(0, at), SMAPS.subarray(at)), whole, `cut at ${at}`);
  }
});

test('SmapsParser reads the smaps of this process: its lines are those of maps', () => {
  // Twice, because the first read makes buffers that are mapped themselves.
  for (let attempt = 0; ; attempt += 1) {
    const maps = readFileSync('/proc/self/maps', 'latin1');
    const lines = parse(readFileSync('/proc/self/smaps')).map(({ line }) => `${line.toString('latin1')}\n`);
    if (lines.join('') === maps) break;
    assert.ok(attempt < 20, 'they never agreed');
  }
});

test('SmapsParser reads anything', () => {
  damage(SMAPS, (damaged) => parse(damaged.subarray(0, 300), damaged.subarray(300)));
  assert.deepEqual(parse(Buffer.alloc(300_000, 'a')), []);
});
