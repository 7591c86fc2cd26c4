import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CorePatternFacts, expandCorePattern } from '../../protocol/expand-core-pattern.ts';

const FACTS: CorePatternFacts = {
  numbers: { p: '7', P: '70', s: '11', F: '3' },
  comm: Buffer.from('a b'),
  hostName: Buffer.from('host'),
  executable: Buffer.from('/opt/x y/a b'),
  usesPid: false,
};

/** What becomes of a pattern: test/machine/core-file.test.ts compares this with the kernel's own. */
const ROWS: readonly [pattern: string, words: readonly string[], facts?: Partial<CorePatternFacts>][] = [
  ['core', ['core']],
  ['', ['']],
  ['a %e b', ['a a b b']],
  ['%%%s%', ['%11']],
  ['%x%u%F.', ['.']],
  ['%f %E', ['a b !opt!x y!a b']],
  ['%E', ['a b (path unknown)'], { executable: null }],
  ['%e', ['!'], { comm: Buffer.alloc(0) }],
  ['%e', ['!'], { comm: Buffer.from('.') }],
  ['%e', ['!.'], { comm: Buffer.from('..') }],
  ['%e', ['...'], { comm: Buffer.from('...') }],
  ['%e', ['!!etc!x'], { comm: Buffer.from('//etc/x') }],
  ['core', ['core.7'], { usesPid: true }],
  ['core.%p', ['core.7'], { usesPid: true }],
  ['core.%%p', ['core.%p.7'], { usesPid: true }],
  ['core.%P', ['core.70.7'], { usesPid: true }],
  ['|/h %p', ['/h', '7'], { usesPid: true }],
  ['|/h', ['/h'], { usesPid: true }],
  ['|  /h\t %e  x=%s,%F ', ['/h', 'a b', 'x=11,3']],
  ['|/h %x y', ['/h', '', 'y']],
  ['|%x /h', ['/h']],
];

test('expandCorePattern() gives a name, or words, as coredump_parse() does', () => {
  for (const [pattern, words, facts] of ROWS) {
    const expanded = expandCorePattern(Buffer.from(pattern), { ...FACTS, ...facts });
    assert.deepEqual(
      expanded.map((word) => word.toString()),
      words,
      JSON.stringify(pattern),
    );
  }
});

test('expandCorePattern() keeps bytes that are no text', () => {
  const comm = Buffer.from([0xff, 0x2f, 0xfe]);
  const [name] = expandCorePattern(Buffer.from('c.%e'), { ...FACTS, comm });
  assert.deepEqual(name, Buffer.from([0x63, 0x2e, 0xff, 0x21, 0xfe]));
});
