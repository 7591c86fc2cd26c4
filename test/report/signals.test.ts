import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants } from 'node:os';
import test from 'node:test';
import { codeOf } from '../../report/signal-codes.ts';
import { describeSignal, signalName, signalNumber, signalPhrase } from '../../report/signals.ts';

test('signalName() agrees with the C library for every signal', () => {
  for (const [name, number] of Object.entries(constants.signals)) {
    // Second names of the same signals.
    if (!['SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(name)) assert.equal(signalName(number), name);
  }
  assert.deepEqual([34, 37, 64, 32, 70, 0].map(signalName), [
    'SIGRTMIN',
    'SIGRTMIN+3',
    'SIGRTMIN+30',
    'signal 32',
    'signal 70',
    'signal 0',
  ]);
});

test('signalNumber() turns every name back, with and without SIG', () => {
  for (let number = 1; number <= 64; number += 1) {
    if (number !== 32 && number !== 33) assert.equal(signalNumber(signalName(number)), number);
  }
  assert.equal(signalNumber('segv'), 11);
  assert.equal(signalNumber('nothing'), null);
});

test('codeOf() knows every si_code that the C library headers of this machine name', () => {
  const header = execFileSync(
    'gcc',
    ['-E', '-dM', '-include', 'signal.h', '-D_GNU_SOURCE', '-x', 'c', '/dev/null'],
    {
      encoding: 'utf8',
    },
  );
  const kernel = execFileSync('gcc', ['-E', '-dM', '-x', 'c', '/usr/include/asm-generic/siginfo.h'], {
    encoding: 'utf8',
  });
  const signals = new Map([
    ['ILL', 4],
    ['TRAP', 5],
    ['BUS', 7],
    ['FPE', 8],
    ['SEGV', 11],
    ['CLD', 17],
    ['POLL', 29],
    ['SYS', 31],
    ['SI', 15],
  ]);
  let checked = 0;
  for (const [, name = '', prefix = '', value = ''] of `${header}\n${kernel}`.matchAll(
    /^#define ((ILL|TRAP|BUS|FPE|SEGV|CLD|POLL|SYS|SI)_\w+) \(?(-?\d+|0x\w+)\)?$/gm,
  )) {
    if (/PAD_SIZE|MAX_SIZE|PERF_FLAG/.test(name)) continue;
    assert.equal(codeOf(signals.get(prefix) ?? 0, Number(value))?.name, name, name);
    checked += 1;
  }
  assert.ok(checked > 50, `${checked} codes found`);
});

test('describeSignal() and signalPhrase() say in words why it died', () => {
  const phrase = (number: number, code: number | null, rest = {}) =>
    signalPhrase(describeSignal({ number, code, address: null, sender: null, ...rest }), 42);
  assert.equal(
    phrase(11, 1, { address: 0n }),
    'SIGSEGV, address not mapped (SEGV_MAPERR) at 0x0000000000000000',
  );
  assert.equal(
    phrase(11, 0x80, { address: 0n }),
    'SIGSEGV, general protection fault, e.g. a non-canonical address (SI_KERNEL) at 0x0000000000000000',
  );
  assert.equal(
    phrase(6, -6, { sender: { pid: 42, uid: 0 } }),
    'SIGABRT, sent by tkill (SI_TKILL) by the process itself',
  );
  assert.equal(
    phrase(11, 0, { sender: { pid: 7, uid: 1000 } }),
    'SIGSEGV, sent by kill (SI_USER) by pid 7, uid 1000',
  );
  assert.equal(phrase(31, 1), 'SIGSYS, system call forbidden by a seccomp filter (SYS_SECCOMP)');
  assert.equal(phrase(11, 99), 'SIGSEGV, code 99');
  assert.equal(phrase(37, null), 'SIGRTMIN+3');
});
