import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { systemCallName } from '../../analysis/system-calls.ts';

/** Of linux-libc-dev, which comes with a C compiler. */
const HEADERS = '/usr/include/x86_64-linux-gnu/asm';

for (const bits of [32, 64] as const) {
  const header = `${HEADERS}/unistd_${bits}.h`;
  test(`systemCallName() agrees with the kernel's own header of ${bits} bits`, {
    skip: !existsSync(header),
  }, () => {
    const all = [...readFileSync(header, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
    assert.ok(all.length > 350);
    for (const [, name, number] of all) assert.equal(systemCallName(Number(number), bits), name);
  });
}

test('systemCallName() has a name for every number', () => {
  assert.equal(systemCallName(202, 64), 'futex');
  assert.equal(systemCallName(240, 32), 'futex');
  assert.equal(systemCallName(441, 32), 'epoll_pwait2');
  assert.equal(systemCallName(400, 64), 'system call 400');
  assert.equal(systemCallName(222, 32), 'system call 222');
  assert.equal(systemCallName(99999, 64), 'system call 99999');
});
