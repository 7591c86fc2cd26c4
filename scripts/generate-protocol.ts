import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes protocol/usercrash.gen.js and .gen.d.ts from protocol/usercrash.proto, by protobufjs' own compiler.
 * `--check` writes nothing and fails where the committed files are stale.
 */
const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const work = mkdtempSync(join(tmpdir(), 'usercrash-proto-'));
const node = process.execPath;

try {
  const code = join(work, 'usercrash.gen.js');
  const types = join(work, 'usercrash.gen.d.ts');
  const flags = [
    '--no-create',
    '--no-verify',
    '--no-convert',
    '--no-delimited',
    '--no-service',
    '--force-number',
  ];
  execFileSync(node, [
    join(bin, 'pbjs'),
    '-t',
    'static-module',
    '-w',
    'es6',
    ...flags,
    '-o',
    code,
    join(root, 'protocol/usercrash.proto'),
  ]);
  execFileSync(node, [join(bin, 'pbts'), '-o', types, code]);
  const files = new Map([
    ['protocol/usercrash.gen.js', readFileSync(code, 'utf8')],
    // The import of `long` is never used: numbers are forced, and none of ours is over 2^53.
    [
      'protocol/usercrash.gen.d.ts',
      readFileSync(types, 'utf8').replace('import Long = require("long");\n', ''),
    ],
  ]);
  for (const [name, text] of files) {
    const path = join(root, name);
    if (!process.argv.includes('--check')) writeFileSync(path, text);
    else if (readFileSync(path, 'utf8') !== text) {
      throw new Error(`${name} is stale: run npm run generate`);
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
