import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildSysroot } from '../../analysis/gdb/build-sysroot.ts';
import { makeSysrootPlace } from '../../analysis/gdb/sysroot-place.ts';

test('buildSysroot() makes a symlink for any bytes of a name, and removes all of it', () => {
  const name = Buffer.from('/lib/a "b"\n;touch x;\xff.so', 'latin1');
  const sysroot = buildSysroot([{ name, descriptor: 7 }], makeSysrootPlace(null));
  assert.deepEqual(sysroot.rejected, []);
  const path = Buffer.concat([Buffer.from(sysroot.absolute), name]);
  assert.equal(readlinkSync(path), '/proc/self/fd/7');
  sysroot.remove();
  assert.equal(existsSync(join(sysroot.absolute, '..')), false);
});

test('buildSysroot() puts relative names where gdb runs, climbing ones included', (t) => {
  const files = ['./plugin.so', '../lib/other.so'].map((name, index) => ({
    name: Buffer.from(name),
    descriptor: 5 + index,
  }));
  const sysroot = buildSysroot(files, makeSysrootPlace(null));
  t.after(() => sysroot.remove());
  assert.equal(readlinkSync(join(sysroot.cwd, 'plugin.so')), '/proc/self/fd/5');
  assert.equal(readlinkSync(join(sysroot.cwd, '../lib/other.so')), '/proc/self/fd/6');
  assert.deepEqual(sysroot.rejected, []);
  assert.deepEqual(readdirSync(sysroot.absolute), []);
});

test('buildSysroot() rejects names that lead out of it or through another symlink', (t) => {
  const names = [
    '/lib/real.so',
    '/lib/real.so/inside.so',
    '/../../etc/out.so',
    '/lib/..',
    '/',
    '',
    '/a\0b',
    `/${'x/'.repeat(100)}y`,
  ];
  const files = names.map((name) => ({ name: Buffer.from(name), descriptor: 5 }));
  const sysroot = buildSysroot(files, makeSysrootPlace({ uid: 61_234, gid: 61_234 }));
  t.after(() => sysroot.remove());
  assert.deepEqual(
    sysroot.rejected.map(({ name }) => name.toString()),
    names.slice(1),
  );
  assert.deepEqual(readdirSync(sysroot.absolute), ['lib']);
  assert.equal(readlinkSync(join(sysroot.absolute, 'lib/real.so')), '/proc/self/fd/5');
});
