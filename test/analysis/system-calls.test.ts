import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { systemCallName } from '../../analysis/system-calls.ts';

/** Of linux-libc-dev, which comes with a C compiler. */
const HEADER = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';

test("systemCallName() agrees with the kernel's own header", { skip: !existsSync(HEADER) }, () => {
  const text = readFileSync(HEADER, 'utf8');
  const all = [...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
  assert.ok(all.length > 350);
  for (const [, name, number] of all) assert.equal(systemCallName(Number(number)), name);
});

test('systemCallName() has a name for every number', () => {
  assert.equal(systemCallName(202), 'futex');
  assert.equal(systemCallName(400), 'system call 400');
  assert.equal(systemCallName(99999), 'system call 99999');
});
