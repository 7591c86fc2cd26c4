import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { chooseMaps, MAX_MAPS } from '../../analysis/choose-maps.ts';

test('chooseMaps() keeps all mappings of an ordinary process', () => {
  const maps = readFileSync('/proc/self/maps');
  const { chosen, omitted } = chooseMaps(maps, []);
  assert.equal(chosen.length, maps.toString().trim().split('\n').length);
  assert.equal(omitted, 0);
});

test('chooseMaps() prefers what registers point to, then files, and keeps the order', () => {
  const line = (page: number, path: string) => {
    const hex = (value: number) => (0x10_0000 + value).toString(16).padStart(9, '0');
    return `${hex(page)}000-${hex(page + 1)}000 rw-p 00000000 00:00 0 ${path}\n`;
  };
  const count = 60_000;
  const maps = Buffer.from(
    Array.from({ length: count }, (_, page) => line(page, page % 1000 === 7 ? '/lib/some.so' : '')).join(''),
  );
  const address = BigInt(0x10_0000 + 55_555) * 4096n;
  const threads = [
    {
      tid: 1,
      registers: new Map([
        ['rsp', address + 8n],
        ['rdi', 0n],
        ['rsi', 2n ** 64n - 1n],
      ]),
    },
  ];
  const before = performance.now();
  const { chosen, omitted } = chooseMaps(maps, threads);
  assert.ok(performance.now() - before < 2000);
  assert.deepEqual([chosen.length, omitted], [MAX_MAPS, count - MAX_MAPS]);
  assert.ok(chosen.some(({ start }) => BigInt(`0x${start}`) === address));
  assert.equal(chosen.filter(({ path }) => path !== null).length, 60);
  assert.deepEqual(
    chosen,
    chosen.toSorted((one, other) => (one.start < other.start ? -1 : 1)),
  );
});
