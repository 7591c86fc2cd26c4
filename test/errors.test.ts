import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

test('docs/errors.md lists every error code, once, and no other', () => {
  const used = new Set<string>();
  const files = globSync('*/**/*.ts', {
    cwd: root,
    exclude: (name) => /node_modules|dist|^test/.test(String(name)),
  });
  for (const file of files) {
    if (file.startsWith('test/') || file.includes('/test/')) continue;
    for (const [, code = ''] of readFileSync(join(root, file), 'utf8').matchAll(/'(E_[A-Z_]+)'/g))
      used.add(code);
  }
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `(E_[A-Z_]+)` \|/gm)].map(([, code = '']) => code);
  assert.deepEqual([...used].sort(), [...listed].sort());
});
