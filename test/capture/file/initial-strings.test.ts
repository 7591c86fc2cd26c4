import assert from 'node:assert/strict';
import test from 'node:test';
import { elf64 } from '../../../capture/elf/elf-class.ts';
import { readInitialStrings } from '../../../capture/file/initial-strings.ts';
import type { ProcessMemory } from '../../../capture/process-memory.ts';
import { damage } from '../proc/damage.ts';

const STACK = 0x7ffe00000000;
const SYSINFO = 33n;
const RANDOM = 25n;

/** A new program's stack as the kernel lays it out, written down here by its documentation alone. */
function stackOf(words: string[], environment: string[]) {
  const bytes = Buffer.alloc(4096);
  let strings = 2048;
  const put = (text: string) => {
    const at = strings;
    strings += bytes.write(`${text}\0`, at);
    return STACK + at;
  };
  const auxv = new Map([
    [SYSINFO, 0x7ffe12345000n],
    [RANDOM, BigInt(STACK + 1200)],
  ]);
  let at = 512;
  const word = (value: number | bigint) => {
    bytes.writeBigUInt64LE(BigInt(value), at);
    at += 8;
  };
  word(words.length);
  for (const text of words) word(put(text));
  word(0);
  for (const text of environment) word(put(text));
  word(0);
  for (const [type, value] of auxv) {
    word(type);
    word(value);
  }
  word(0);
  word(0);
  return { auxv, bytes };
}

function memoryOf(bytes: Buffer): ProcessMemory {
  return {
    read: (address, length) => {
      const at = address - STACK;
      return at < 0 || at >= bytes.length ? Buffer.alloc(0) : bytes.subarray(at, at + length);
    },
  };
}

test('readInitialStrings() finds command line and environment', () => {
  const { auxv, bytes } = stackOf(['app', '', 'two words'], ['A=1', 'B=x'.padEnd(700, 'y')]);
  const found = readInitialStrings(auxv, memoryOf(bytes), elf64);
  assert.equal(found?.cmdline.toString(), 'app\0\0two words\0');
  assert.equal(found?.environ.toString(), `A=1\0${'B=x'.padEnd(700, 'y')}\0`);
});

test('readInitialStrings() finds an empty environment', () => {
  const { auxv, bytes } = stackOf(['app'], []);
  assert.deepEqual(readInitialStrings(auxv, memoryOf(bytes), elf64), {
    cmdline: Buffer.from('app\0'),
    environ: Buffer.alloc(0),
  });
});

test('readInitialStrings() gives nothing where argc does not agree, or there is no stack', () => {
  const { auxv, bytes } = stackOf(['app'], []);
  bytes.writeUInt32LE(7, 512);
  assert.equal(readInitialStrings(auxv, memoryOf(bytes), elf64), null);
  assert.equal(readInitialStrings(auxv, memoryOf(Buffer.alloc(0)), elf64), null);
  assert.equal(readInitialStrings(new Map(), memoryOf(bytes), elf64), null);
});

test('readInitialStrings() gives a MiB of each list at most, also where all its pointers lead to one long string', () => {
  const bytes = Buffer.alloc(256 * 1024);
  const long = 64 * 1024;
  bytes.fill('x', long, long + 100_000);
  const count = 1000;
  let at = 512;
  const words = [count, ...Array(count).fill(STACK + long), 0, ...Array(count).fill(STACK + long), 0];
  for (const value of [...words, Number(SYSINFO), 0x7ffe12345000, Number(RANDOM), STACK + 20_000]) {
    bytes.writeBigUInt64LE(BigInt(value), at);
    at += 8;
  }
  const auxv = new Map([
    [SYSINFO, 0x7ffe12345000n],
    [RANDOM, BigInt(STACK + 20_000)],
  ]);
  const found = readInitialStrings(auxv, memoryOf(bytes), elf64);
  for (const list of [found?.cmdline, found?.environ]) assert.equal(list?.length, 10 * 100_001);
});

test('readInitialStrings() reads any memory', () => {
  const { auxv, bytes } = stackOf(['app', 'word'], ['A=1', 'B=2']);
  damage(bytes.subarray(0, 2100), (damaged) => readInitialStrings(auxv, memoryOf(damaged), elf64), 3000);
});
