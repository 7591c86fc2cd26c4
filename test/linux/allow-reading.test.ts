import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allowReading } from '../../linux/allow-reading.ts';
import { linkDescriptorSync } from '../../linux/linkat.ts';
import { newPipe } from '../../linux/pipe.ts';
import { openUnnamedSync } from '../../linux/unnamed-file.ts';
import { catAs } from '../cat-as.ts';

const NOBODY = 65_534;
const DAEMON = 1;

test('allowReading() lets one more user read a file, also one that gets its name later, and nobody else', (t) => {
  const directory = mkdtempSync('/var/tmp/uc-acl-');
  t.after(() => rmSync(directory, { recursive: true }));
  chmodSync(directory, 0o755);
  const path = join(directory, 'file');
  const fd = openUnnamedSync(directory, { mode: 0o640, group: null });
  writeSync(fd, 'words');
  allowReading(fd, NOBODY);
  linkDescriptorSync(fd, path);
  closeSync(fd);
  assert.equal(catAs(NOBODY, path), 'words');
  assert.equal(catAs(DAEMON, path), null);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  const { status } = spawnSync('setpriv', [
    '--reuid',
    String(NOBODY),
    '--clear-groups',
    'sh',
    '-c',
    `: >> ${path}`,
  ]);
  assert.notEqual(status, 0, 'it may be written');
});

test('allowReading() says where there are no access control lists', (t) => {
  const { read, write } = newPipe();
  t.after(() => [read, write].map(closeSync));
  assert.throws(() => allowReading(write, NOBODY), { code: 'ENOTSUP', syscall: 'fsetxattr' });
});
