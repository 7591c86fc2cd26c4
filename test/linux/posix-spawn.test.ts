import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import koffi from 'koffi';
import { hasReaders } from '../../linux/has-readers.ts';
import { libc } from '../../linux/libc.ts';
import { newPipe } from '../../linux/pipe.ts';
import { posixSpawn } from '../../linux/posix-spawn.ts';
import { waitForEnd } from '../../linux/waitpid.ts';

test('posixSpawn() gives words of any bytes, and nothing but the descriptors it was told', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-spawn-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const input = join(directory, 'input');
  writeFileSync(input, 'the input');
  const [first, second] = [openSync(input, 'r'), openSync('/dev/zero', 'r')];
  const out = join(directory, 'out');
  const script = `{ printf '%s,' "$@"; cat; env; grep SigIgn /proc/$$/status; readlink /proc/$$/fd/3; ls /proc/$$/fd; } >${out}`;
  const words = ['/bin/sh', '-c', script, 'sh', 'a b', ''].map((word) => Buffer.from(word));
  const pid = posixSpawn([...words, Buffer.from([0xff, 0x80])], { input: first, others: [second] });
  waitForEnd(pid);
  const text = readFileSync(out, 'latin1');
  assert.match(text, /^a b,,\xff\x80,the inputPWD=/);
  assert.match(text, /SigIgn:\t0{7}[01][08]0{7}\n\/dev\/zero\n0\n1\n(?:.*\n)*3\n/);
  assert.doesNotMatch(text, /HOME|PATH=/);
  closeSync(first);
  closeSync(second);
  assert.throws(() => posixSpawn([Buffer.from('/nonexistent')], { input: 0, others: [] }), {
    code: 'ENOENT',
  });
  assert.throws(() => waitForEnd(pid), { code: 'ECHILD' });
  assert.ok(existsSync(out));
});

test('posixSpawn() gives descriptors whose places are each other, an environment, and its stderr', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-spawn-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const names = ['one', 'other', 'errors'].map((name) => join(directory, name));
  const [one = -1, other = -1, errors = -1] = names.map((name) => openSync(name, 'w'));
  const [first, second] = one < other ? [one, other] : [other, one];
  // Everything below the two, so that each becomes the other.
  const others = [...Array.from({ length: first - 3 }, () => first), second];
  while (others.length < second - 3) others.push(second);
  others.push(first);
  const script = `readlink /proc/$$/fd/0 /proc/$$/fd/${first} /proc/$$/fd/${second} >&2; env >&2`;
  const words = ['/bin/sh', '-c', script].map((word) => Buffer.from(word));
  waitForEnd(posixSpawn(words, { input: null, errors, others, environment: [Buffer.from('WORD=a b')] }));
  for (const fd of [one, other, errors]) closeSync(fd);
  const [firstName = '', secondName = ''] = one < other ? names : names.slice(0, 2).reverse();
  const text = readFileSync(join(directory, 'errors'), 'utf8');
  assert.equal(text.split('\n').slice(0, 3).join(' '), `/dev/null ${secondName} ${firstName}`);
  assert.match(text, /^WORD=a b$/m);
});

test('posixSpawn() keeps no memory of the C library', () => {
  koffi.struct('mallinfo2', Object.fromEntries([...'abcdefghij'].map((name) => [name, 'size_t'])));
  const inUse = libc.func('mallinfo2 mallinfo2()');
  const spawn = () =>
    assert.throws(() => posixSpawn([Buffer.from('/nonexistent')], { input: null, others: [1, 1, 1, 1] }));
  spawn();
  const before = inUse().h; // uordblks
  for (let spawned = 0; spawned < 2000; spawned++) spawn();
  const grown = inUse().h - before;
  assert.ok(grown < 400 * 1024, `${grown} bytes more in use`);
});

test('hasReaders() is true as long as anybody can read a pipe', () => {
  const { read, write } = newPipe();
  assert.equal(hasReaders(write), true);
  closeSync(read);
  assert.equal(hasReaders(write), false);
  closeSync(write);
});
