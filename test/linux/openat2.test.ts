import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
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
import { openInRoot } from '../../linux/openat2.ts';

test('openInRoot() takes a directory for the root, also where links are absolute or climb', (t) => {
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
    const fd = openInRoot(directory, Buffer.from(path));
    try {
      return readFileSync(fd, 'utf8');
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
