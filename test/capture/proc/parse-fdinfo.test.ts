import assert from 'node:assert/strict';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseFdinfo } from '../../../capture/proc/parse-fdinfo.ts';
import { damage } from './damage.ts';

test('parseFdinfo() says how a real file was opened, and where it stands', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'parse-fdinfo-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const infoOf = (path: string, flags: number, text = '') => {
    const fd = openSync(path, flags, 0o600);
    try {
      if (text !== '') writeSync(fd, text);
      return parseFdinfo(readFileSync(`/proc/self/fdinfo/${fd}`));
    } finally {
      closeSync(fd);
    }
  };
  const { O_WRONLY, O_CREAT, O_APPEND, O_RDWR, O_DIRECTORY, O_SYNC, O_NONBLOCK, O_RDONLY } = constants;
  const file = join(directory, 'file');
  // Node opens everything close-on-exec.
  assert.deepEqual(infoOf(file, O_WRONLY | O_CREAT | O_APPEND, '12345'), {
    position: 5,
    flags: 'write,append,cloexec',
  });
  assert.deepEqual(infoOf(file, O_RDWR | O_SYNC | O_NONBLOCK), {
    position: 0,
    flags: 'read,write,nonblock,sync,cloexec',
  });
  assert.deepEqual(infoOf(directory, O_RDONLY | O_DIRECTORY), {
    position: 0,
    flags: 'read,cloexec,directory',
  });
  assert.equal(infoOf(directory, 0o20200000 | O_RDWR).flags, 'read,write,cloexec,tmpfile');
  assert.equal(infoOf(file, 0o10000000).flags, 'path,cloexec');
});

test("parseFdinfo() reads arm64's own flags", () => {
  const info = Buffer.from('pos:\t0\nflags:\t02240000\nmnt_id:\t1\n');
  assert.equal(parseFdinfo(info, 'arm64').flags, 'read,cloexec,direct,directory');
  assert.equal(parseFdinfo(info, 'x64').flags, 'read,cloexec,direct,directory');
  assert.equal(parseFdinfo(Buffer.from('flags:\t040000\n'), 'arm64').flags, 'read,directory');
});

test('parseFdinfo() never throws, and has null for what is not there', () => {
  damage(readFileSync('/proc/self/fdinfo/0'), (damaged) => parseFdinfo(damaged));
  assert.deepEqual(parseFdinfo(Buffer.alloc(0)), { position: null, flags: null });
  assert.equal(parseFdinfo(Buffer.from(`pos:\t${2n ** 63n - 1n}\nflags:\t02\n`)).position, null);
});
