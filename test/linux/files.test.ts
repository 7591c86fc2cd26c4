import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { messageOf } from '../../errors/usercrash-error.ts';
import { getPipeSize, isCloseOnExec, setCloseOnExec, setPipeSize } from '../../linux/fcntl.ts';
import { tryLock } from '../../linux/flock.ts';
import { gettid } from '../../linux/gettid.ts';
import { libc } from '../../linux/libc.ts';
import { linkDescriptor, linkDescriptorSync } from '../../linux/linkat.ts';
import { memfdCreate } from '../../linux/memfd-create.ts';
import { getDumpable, setNonDumpable } from '../../linux/prctl.ts';
import { getrlimit, setrlimit } from '../../linux/setrlimit.ts';
import { hasErrno } from '../../linux/system-call-error.ts';
import { tee } from '../../linux/tee.ts';
import { openUnnamed, openUnnamedSync } from '../../linux/unnamed-file.ts';

const pipe = libc.func('int pipe(void *descriptors)');

function newPipe(t: TestContext): { read: number; write: number } {
  const descriptors = Buffer.alloc(8);
  assert.equal(pipe(descriptors), 0);
  const [read, write] = [descriptors.readInt32LE(0), descriptors.readInt32LE(4)];
  t.after(() => {
    closeSync(read);
    closeSync(write);
  });
  return { read, write };
}

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'usercrash-files-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('openUnnamedSync() and linkDescriptorSync() give a file its name only when asked', (t) => {
  const directory = temporaryDirectory(t);
  const fd = openUnnamedSync(directory, { mode: 0o640, group: null });
  writeSync(fd, 'whole');
  const path = join(directory, 'named');
  assert.equal(existsSync(path), false);
  linkDescriptorSync(fd, path);
  assert.equal(readFileSync(path, 'utf8'), 'whole');
  assert.equal(fstatSync(fd).mode & 0o777, 0o640);
  assert.throws(() => linkDescriptorSync(fd, path), { code: 'EEXIST', syscall: 'linkat', subject: path });
  closeSync(fd);
});

test('linkDescriptor() works off the event loop and brings the errno of its thread', async (t) => {
  const directory = temporaryDirectory(t);
  const file = await openUnnamed(directory, { mode: 0o600, group: null });
  await linkDescriptor(file.fd, join(directory, 'a'));
  assert.ok(existsSync(join(directory, 'a')));
  await assert.rejects(linkDescriptor(file.fd, join(directory, 'a')), { code: 'EEXIST' });
  await assert.rejects(linkDescriptor(file.fd, join(directory, 'none/b')), { code: 'ENOENT' });
  await file.close();
});

test('tee() copies without consuming, and says EAGAIN where there is nothing', (t) => {
  const from = newPipe(t);
  const to = newPipe(t);
  assert.throws(() => tee(from.read, to.write, 10, { block: false }), { code: 'EAGAIN' });
  writeSync(from.write, 'abcdef');
  assert.equal(tee(from.read, to.write, 4, { block: false }), 4);
  const buffer = Buffer.alloc(10);
  assert.equal(buffer.toString('latin1', 0, readSync(to.read, buffer)), 'abcd');
  assert.equal(buffer.toString('latin1', 0, readSync(from.read, buffer)), 'abcdef');
  assert.throws(() => tee(from.read, from.write, 4, { block: false }), { code: 'EINVAL' });
});

test('setPipeSize() enlarges a pipe', (t) => {
  const { read } = newPipe(t);
  assert.equal(getPipeSize(read), 65536);
  assert.equal(setPipeSize(read, 200_000), 262_144);
  assert.equal(getPipeSize(read), 262_144);
});

test('setCloseOnExec() keeps a descriptor from a child', (t) => {
  const { read } = newPipe(t);
  assert.equal(isCloseOnExec(read), false);
  setCloseOnExec(read);
  assert.equal(isCloseOnExec(read), true);
  assert.throws(() => setCloseOnExec(4000), { code: 'EBADF' });
});

test('memfdCreate() is a file without a path that holds what is written', () => {
  const fd = memfdCreate('usercrash-test');
  writeSync(fd, 'bytes');
  assert.equal(fstatSync(fd).size, 5);
  assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^\/memfd:usercrash-test/);
  assert.equal(isCloseOnExec(fd), true);
  closeSync(fd);
});

test('tryLock() tells a second open file that the first has it, until that is closed', (t) => {
  const path = join(temporaryDirectory(t), 'lock');
  const first = openSync(path, 'w');
  const second = openSync(path, 'r');
  assert.equal(tryLock(first), true);
  assert.equal(tryLock(second), false);
  closeSync(first);
  assert.equal(tryLock(second), true);
  closeSync(second);
});

test('setrlimit() holds for the children that follow', () => {
  const before = getrlimit('core');
  setrlimit('core', 0n, before.hard);
  try {
    const { stdout } = spawnSync('sh', ['-c', 'ulimit -c'], { encoding: 'utf8' });
    assert.equal(stdout.trim(), '0');
    assert.throws(() => setrlimit('nofile', 10n, 5n), { code: 'EINVAL', subject: 'nofile' });
  } finally {
    setrlimit('core', before.soft, before.hard);
  }
  assert.deepEqual(getrlimit('core'), before);
});

test('setNonDumpable() makes this process one that cannot be dumped', (t) => {
  const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');
  t.after(() => prctl(4, 1, 0, 0, 0));
  assert.equal(getDumpable(), 1);
  setNonDumpable();
  assert.equal(getDumpable(), 0);
});

test("hasErrno() knows our errors and Node's by name", () => {
  const ofNode = () => readFileSync('/nonexistent');
  assert.throws(ofNode, (error) => hasErrno(error, 'ENOENT') && !hasErrno(error, 'EACCES'));
  assert.equal(hasErrno('ENOENT', 'ENOENT'), false);
  // Node's own error for an errno that libuv has no name for.
  const nameless = Object.assign(new Error('Unknown system error -122: Unknown system error -122, write'), {
    code: 'Unknown system error -122',
    errno: -122,
  });
  assert.ok(hasErrno(nameless, 'ENOSPC', 'EDQUOT') && !hasErrno(nameless, 'ENOSPC'));
  assert.equal(messageOf(nameless), 'EDQUOT, write');
});

test("gettid() is the process's own id in its main thread", () => {
  assert.equal(gettid(), process.pid);
});
