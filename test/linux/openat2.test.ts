import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { findInRoot } from '../../linux/openat2.ts';

test('findInRoot() takes a directory for the root, also where links are absolute or climb', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'openat2-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  writeFileSync(join(root, 'usr/lib/libx.so'), 'inside');
  symlinkSync('/usr/lib', join(root, 'lib'));
  symlinkSync('../../../../../etc/passwd', join(root, 'climbs'));
  symlinkSync('/proc/self/exe', join(root, 'magic'));
  const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  t.after(() => closeSync(directory));
  const read = (path: string | Buffer) => {
    const fd = findInRoot(directory, Buffer.from(path));
    try {
      return readFileSync(`/proc/self/fd/${fd}`, 'utf8');
    } finally {
      closeSync(fd);
    }
  };
  assert.equal(read('/lib/libx.so'), 'inside');
  assert.equal(read('usr/lib/../../lib/libx.so'), 'inside');
  assert.throws(() => read('climbs'), { code: 'ENOENT' });
  assert.throws(() => read('magic'), { code: 'ENOENT' });
  assert.throws(() => read('/../../../etc/passwd'), { code: 'ENOENT' });
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x0a])]), 'bytes');
  assert.equal(read(Buffer.from([0x2f, 0xff, 0x0a])), 'bytes');
});

test('findInRoot() does not open what it finds: nobody reads from a pipe whose descriptor it gave', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'openat2-'));
  t.after(() => rmSync(root, { recursive: true }));
  const pipe = join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  t.after(() => closeSync(directory));
  const fd = findInRoot(directory, Buffer.from('pipe'));
  t.after(() => closeSync(fd));
  assert.ok(fstatSync(fd).isFIFO());
  assert.throws(() => openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK), { code: 'ENXIO' });
});
