import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** Which folders each folder may import; itself always. docs/architecture.md shows the same as a picture. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  config: ['linux', 'errors'],
  linux: ['errors'],
  systemd: ['linux', 'errors'],
  protocol: ['linux', 'errors'],
  report: ['errors'],
  capture: ['linux', 'errors'],
  analysis: ['capture', 'report', 'systemd', 'linux', 'config', 'errors'],
  server: ['protocol', 'report', 'systemd', 'linux', 'config', 'errors'],
  client: ['analysis', 'capture', 'protocol', 'report', 'systemd', 'linux', 'config', 'errors'],
  debugger: ['analysis', 'capture', 'report', 'linux', 'config', 'errors'],
};
const ANYTHING = new Set(['bin', 'scripts', 'test', 'bench', 'install']);

const root = join(import.meta.dirname, '..');
const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']*)'/g;

test('layers: no folder imports one that it may not', () => {
  const wrong: string[] = [];
  const files = globSync('*/**/*.ts', {
    cwd: root,
    exclude: (name) => /node_modules|dist/.test(String(name)),
  });
  assert.ok(files.length > 50, `only ${files.length} files were looked at`);
  for (const file of files) {
    const [folder = ''] = file.split('/');
    // A package's own tests and benchmarks are tests.
    if (ANYTHING.has(folder) || /\/(test|bench)\//.test(file)) continue;
    const allowed = LAYERS[folder];
    if (allowed === undefined) {
      wrong.push(`${folder} is not in the table`);
      continue;
    }
    for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
      const [target = ''] = normalize(join(dirname(file), path)).split('/');
      if (target !== folder && !allowed.includes(target)) wrong.push(`${file} imports ${path}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('layers: the journal reader imports nothing of ours', () => {
  const files = globSync('systemd/journal-reader/src/**/*.ts', {
    cwd: root,
    exclude: (name) => /node_modules|dist/.test(String(name)),
  });
  const outside = files.filter((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)].some(
      ([, path = '']) => !normalize(join(dirname(file), path)).startsWith('systemd/journal-reader/src/'),
    ),
  );
  assert.ok(files.length > 5);
  assert.deepEqual(outside, []);
});
