import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptPattern } from '../../server/kept-pattern.ts';

test('keptPattern() is a file or a program, and nothing where nobody is to get anything', () => {
  assert.equal(keptPattern('core', true), 'core');
  assert.equal(
    keptPattern('|/usr/lib/systemd/systemd-coredump %P', true),
    '|/usr/lib/systemd/systemd-coredump %P',
  );
  assert.equal(keptPattern('|/bin/false', true), null);
  assert.equal(keptPattern('@@/run/other.sock', true), null);
  assert.equal(keptPattern('core', false), null);
});
