import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excludedBy, isExclusion } from '../../config/excluded-by.ts';

const by = (patterns: string[], executable: string | Buffer, ...units: string[]) =>
  excludedBy(patterns, {
    executable: Buffer.from(executable),
    units: units.map((unit) => Buffer.from(unit)),
  });

test('excludedBy() names the first pattern that the path or the unit matches as a whole', () => {
  assert.equal(by(['/usr/bin/app'], '/usr/bin/app'), '/usr/bin/app');
  assert.equal(by(['/usr/bin/app'], '/usr/bin/app2'), null);
  assert.equal(by(['/usr/bin/app'], '/opt/usr/bin/app'), null);
  assert.equal(by(['/opt/*', '/opt/a/*'], '/opt/a/b/c'), '/opt/*');
  assert.equal(by(['*/test-?'], '/build/x/test-1'), '*/test-?');
  assert.equal(by(['*/test-?'], '/build/x/test-12'), null);
  assert.equal(by(['unit:ci-*.service'], '/bin/x', 'ci-4.service'), 'unit:ci-*.service');
  assert.equal(by(['unit:ci-*.service'], '/ci-4.service', 'app.service'), null);
  assert.equal(
    by(['unit:editor.service'], '/bin/x', 'user@1000.service', 'editor.service'),
    'unit:editor.service',
  );
  assert.equal(by(['unit:*'], '/bin/x'), null);
  assert.equal(by([], '/bin/x'), null);
});

test('excludedBy() takes bytes as they are, and what else means something in patterns for itself', () => {
  const odd = Buffer.from([0x2f, 0xff, 0x0a, 0x2f, 0x61]);
  assert.equal(by(['/?\n/a'], odd), '/?\n/a');
  assert.equal(by(['/*'], odd), '/*');
  assert.equal(by(['/[a]'], '/a'), null);
  assert.equal(by(['/[a]'], '/[a]'), '/[a]');
  assert.equal(by(['/ä'], '/ä'), '/ä');
});

test('excludedBy() is done soon with a path that fits a pattern almost everywhere', () => {
  // Over 4,096 bytes a matcher that tries every place of every star would not end in this test's life.
  assert.equal(by([`/${'a*'.repeat(100)}b`], `/${'a'.repeat(4000)}`), null);
});

test('isExclusion() takes paths, stars and units', () => {
  for (const text of ['/usr/bin/app', '*/app', 'unit:app.service']) assert.ok(isExclusion(text), text);
  for (const text of ['', 'app', 'unit:', '-x']) assert.ok(!isExclusion(text), text);
});
