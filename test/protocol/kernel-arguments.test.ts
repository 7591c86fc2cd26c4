import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  corePatternBeside,
  corePatternFor,
  handlerBeside,
  isOurPattern,
  markedCorePattern,
  socketPatternFor,
} from '../../protocol/core-pattern.ts';
import { kernelArgumentWords, parseKernelArguments } from '../../protocol/kernel-arguments.ts';

const WORDS = [
  '/run/usercrash',
  '10',
  '11',
  '1',
  '2',
  '1000',
  '100',
  '1',
  '11',
  '1763678157',
  '18446744073709551615',
];

test('corePatternFor() fits the default paths into 127 bytes and refuses what does not', () => {
  const pattern = corePatternFor('/usr/lib/usercrash/usercrash-client', '/run/usercrash');
  assert.ok(pattern.length <= 127);
  assert.ok(pattern.startsWith('|/usr/lib/usercrash/usercrash-client /run/usercrash %P '));
  assert.throws(() => corePatternFor(`/${'a'.repeat(60)}`, `/${'b'.repeat(40)}`), { code: 'E_CORE_PATTERN' });
  assert.throws(() => corePatternFor('/a b', '/run'), { code: 'E_CORE_PATTERN' });
  assert.throws(() => corePatternFor('/a%d', '/run'), { code: 'E_CORE_PATTERN' });
  assert.throws(() => corePatternFor('relative', '/run'), { code: 'E_CORE_PATTERN' });
});

test('socketPatternFor() refuses what the kernel would not take', () => {
  assert.equal(socketPatternFor('/run/usercrash'), '@@/run/usercrash/coredump.sock');
  for (const runDir of ['relative', '/a b', '/a%d', '/a/../b', '/a//b', `/${'a'.repeat(100)}`]) {
    assert.throws(() => socketPatternFor(runDir), { code: 'E_CORE_PATTERN' }, runDir);
  }
});

test('isOurPattern() knows our own from others', () => {
  assert.equal(isOurPattern(corePatternFor('/x/client', '/run/y'), '/run/y'), true);
  assert.equal(isOurPattern(socketPatternFor('/run/y'), '/run/y'), true);
  assert.equal(
    isOurPattern(socketPatternFor('/run/y'), '/run/z'),
    false,
    'another collector is somebody else',
  );
  assert.equal(isOurPattern(corePatternFor('/x/client', '/run/y'), '/run/z'), false);
  assert.equal(isOurPattern(`${corePatternFor('/x/client', '/run/y')}\n`, '/run/y'), true);
  for (const other of [
    'core',
    '',
    '|/lib/systemd/systemd-coredump %P %u %g %s %t 9223372036854775808 %h %d',
  ]) {
    assert.equal(isOurPattern(other, '/run/y'), false);
  }
});

test('parseKernelArguments() reads what the pattern asked for, with and without a pidfd', () => {
  const read = parseKernelArguments([...WORDS, '3']);
  assert.deepEqual(read, {
    runDir: '/run/usercrash',
    pid: 10,
    tid: 11,
    namespacePid: 1,
    namespaceTid: 2,
    uid: 1000,
    gid: 100,
    dumpable: 1,
    signal: 11,
    time: 1_763_678_157,
    pidfd: 3,
    defaultHandler: null,
  });
  assert.equal(parseKernelArguments([...WORDS, '']).pidfd, null);
});

test('parseKernelArguments() refuses what no kernel says', () => {
  for (const words of [
    [],
    WORDS,
    ['relative', ...WORDS.slice(1), ''],
    [...WORDS.slice(0, 1), 'x', ...WORDS.slice(2), ''],
  ]) {
    assert.throws(() => parseKernelArguments(words), { code: 'E_KERNEL_ARGUMENTS' });
  }
});

const SYSTEMD = '|/lib/systemd/systemd-coredump %P %u %g %s %t 9223372036854775808 %h %d';

test('corePatternBeside() leaves the handler its own words, and room for those of Debian and Ubuntu', () => {
  const apport = '|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -F%F -- %E';
  for (const handler of [SYSTEMD, apport]) {
    const pattern = corePatternBeside(handler, '/run/usercrash/h', '/run/usercrash');
    assert.equal(handlerBeside(pattern), handler);
    assert.ok(pattern.length <= 127, `${pattern.length}`);
    assert.ok(pattern.endsWith(` %F ${handler.slice(1)}`));
    assert.equal(isOurPattern(pattern, '/run/usercrash'), true);
    assert.equal(isOurPattern(pattern, '/run/other'), false);
  }
  assert.throws(() => corePatternBeside(`|/${'x'.repeat(90)}`, '/run/usercrash/h', '/run/usercrash'), {
    code: 'E_CORE_PATTERN',
  });
});

test('parseKernelArguments() tells our words from those of a default handler', () => {
  const handler = ['/lib/systemd/systemd-coredump', '10', 'a b', ''];
  assert.deepEqual(parseKernelArguments(['/run/usercrash', '10', '11', '1', '6', '3', ...handler]), {
    runDir: '/run/usercrash',
    pid: 10,
    tid: 11,
    namespacePid: null,
    namespaceTid: null,
    uid: null,
    gid: null,
    dumpable: 1,
    signal: 6,
    time: null,
    pidfd: 3,
    defaultHandler: handler,
  });
});

test('parseKernelArguments() knows by its mark where the default handler stands, and which limit forbids a file', () => {
  const handlerFor = (limit: string, mark: string) =>
    parseKernelArguments([...WORDS.slice(0, -1), limit, '3', mark]).defaultHandler;
  for (const limit of ['0', '1', '4095']) assert.equal(handlerFor(limit, 'f'), null, limit);
  for (const limit of ['4096', '18446744073709551615']) assert.equal(handlerFor(limit, 'f'), 'file', limit);
  assert.equal(handlerFor('0', 'p'), 'program');
  assert.throws(() => handlerFor('0', 'x'), { code: 'E_KERNEL_ARGUMENTS' });
  for (const kind of ['file', 'program'] as const) {
    const pattern = markedCorePattern(kind, '/run/usercrash/h', '/run/usercrash');
    assert.equal(isOurPattern(pattern, '/run/usercrash'), true);
  }
});

test('kernelArgumentWords() is what parseKernelArguments() reads', () => {
  const words = [...WORDS.slice(0, -1), '4096', '3'];
  const told = { namespacePid: 1, namespaceTid: 2, uid: 1000, gid: 100, time: 1_763_678_157 };
  assert.deepEqual(kernelArgumentWords({ ...parseKernelArguments(words), ...told }, 4096n), words);
});
