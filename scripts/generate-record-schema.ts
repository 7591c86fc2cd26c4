import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { recordSchema } from '../report/record-schema.ts';

/**
 * Makes docs/record.schema.json, the JSON Schema of a JSON report, from report/record.ts. `--check` writes nothing and
 * fails where the committed file is stale.
 */
const root = join(import.meta.dirname, '..');
const path = join(root, 'docs/record.schema.json');

const schema = {
  ...z.toJSONSchema(recordSchema, { io: 'input' }),
  title: 'usercrash record',
  description: 'One crash, as in usercrash_NN.json. What the fields mean is told in report/record.ts.',
};
// Biome's own layout, so that the format check and this script agree.
const text = execFileSync(
  process.execPath,
  [
    join(root, 'node_modules/@biomejs/biome/bin/biome'),
    'format',
    '--stdin-file-path=docs/record.schema.json',
  ],
  { cwd: root, input: JSON.stringify(schema), encoding: 'utf8' },
);

if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  throw new Error('docs/record.schema.json is stale: run npm run generate');
}
