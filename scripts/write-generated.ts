import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Puts a generated file in its place; with `--check` on the command line nothing is written.
 *
 * @param name Its path from the root of the repository.
 * @throws {Error} With `--check`, if what lies there is not `text`.
 */
export function writeGenerated(name: string, text: string): void {
  const path = join(root, name);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  if (readFileSync(path, 'utf8') !== text) throw new Error(`${name} is stale: run npm run generate`);
}
