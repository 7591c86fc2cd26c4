import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressIn, numberIn, parseMiLine, textIn, tupleIn, tuplesIn } from '../../analysis/gdb/parse-mi.ts';

/** Lines that gdb 13.1 printed for a core of a program with a hostile file name. */
const LINES = [
  '=thread-group-added,id="i1"',
  '~"GNU gdb (Debian 13.1-3) 13.1\\n"',
  '&"warning: Can\'t open file \\"/tmp/a b\\" during file-backed mapping note processing\\n"',
  '1^done',
  '3^connected,frame={level="0",addr="0x000055ceaf1f41c0",func="process_data",args=[{name="in",value="0x0"},{name="n",value="5"}],file="a.c",line="8",arch="i386:x86-64"}',
  '5^done,stack=[frame={level="0",addr="0x1",func="<signal handler called>"},frame={level="1",addr="0x2"}]',
  '7^done,variables=[{name="buf",value="\\"hello \\\\\\"w\\\\\\\\orld\\\\\\"\\\\n\\", \'\\\\000\' <repeats 16 times>"}]',
  '8^error,msg="Invalid frame id: 4"',
  '9^done,names=["a","b"],empty=[],none={}',
  '*stopped',
  '(gdb) ',
];

test('parseMiLine() reads results, tuples and lists of named values', () => {
  const record = parseMiLine(LINES[4] ?? '');
  assert.equal(record?.kind, 'result');
  assert(record?.kind === 'result');
  assert.deepEqual([record.token, record.status], [3, 'connected']);
  const frame = tupleIn(record.results, 'frame') ?? new Map();
  assert.deepEqual([numberIn(frame, 'level'), textIn(frame, 'func')], [0, 'process_data']);
  assert.equal(addressIn(frame, 'addr'), 0x55ceaf1f41c0n);
  assert.deepEqual(
    tuplesIn(frame, 'args').map((argument) => textIn(argument, 'value')),
    ['0x0', '5'],
  );
});

test('parseMiLine() undoes the escapes of a value, octal bytes of UTF-8 included', () => {
  const record = parseMiLine(LINES[6] ?? '');
  assert(record?.kind === 'result');
  const value = textIn(tuplesIn(record.results, 'variables')[0] ?? new Map(), 'value');
  assert.equal(value, '"hello \\"w\\\\orld\\"\\n", \'\\000\' <repeats 16 times>');
  assert.deepEqual(parseMiLine('~"caf\\303\\251 \\t\\033[31m\\e"'), {
    kind: 'stream',
    channel: 'console',
    text: 'café \t\x1b[31m\x1b',
  });
  const raw = Buffer.from('~"é\\342\\202\xac"', 'latin1').toString('latin1');
  assert.equal(parseMiLine(raw)?.kind, 'stream');
});

test('parseMiLine() refuses what the grammar does not allow', () => {
  for (const line of [
    '',
    'hello',
    '1^',
    '~"open',
    '~"a"b',
    '1^done,x',
    '1^done,x=',
    '1^done,x={y="1"',
    '^done,x="\\q"',
  ]) {
    assert.equal(parseMiLine(line), null, JSON.stringify(line));
  }
});

test('parseMiLine() bounds nesting and the number of values', () => {
  assert.equal(parseMiLine(`^done,x=${'['.repeat(100_000)}`), null);
  assert.equal(parseMiLine(`^done,x=[${'"",'.repeat(300_000)}""]`), null);
});

test('parseMiLine() does not take a name such as __proto__ for more than a name', () => {
  const record = parseMiLine('^done,__proto__={polluted="1"}');
  assert(record?.kind === 'result');
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
  assert.equal(record.results.has('__proto__'), true);
});

test('parseMiLine() survives every truncation and flipped bits', () => {
  const seed = 20261121;
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (const line of LINES) {
    for (let length = 0; length < line.length; length += 1) {
      const record = parseMiLine(line.slice(0, length));
      if (record?.kind === 'stream') assert.fail(`seed ${seed}: ${line.slice(0, length)} is no whole stream`);
    }
    for (let round = 0; round < 3000; round += 1) {
      const bytes = Buffer.from(line, 'latin1');
      for (let flips = 0; flips <= random(4); flips += 1) {
        const at = random(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      }
      assert.doesNotThrow(
        () => parseMiLine(bytes.toString('latin1')),
        `seed ${seed}: ${bytes.toString('latin1')}`,
      );
    }
  }
});
