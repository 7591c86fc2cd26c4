import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Makes every generated file, or with `--check` fails where a committed one is stale. */
const GENERATORS = [
  'generate-protocol.ts',
  'generate-record-schema.ts',
  'generate-assembled.ts',
  'generate-config-file.ts',
  'generate-man-pages.ts',
  'generate-completions.ts',
];

for (const name of GENERATORS) {
  execFileSync(process.execPath, [join(import.meta.dirname, name), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
}
