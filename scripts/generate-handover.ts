import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes client/handover/handover.gen.ts from handover.s by the GNU assembler, which no user and no build needs then.
 * `--check` writes nothing and fails where the committed file is stale.
 */
const directory = join(import.meta.dirname, '../client/handover');
const generated = join(directory, 'handover.gen.ts');
const work = mkdtempSync(join(tmpdir(), 'usercrash-handover-'));
try {
  const object = join(work, 'handover.o');
  const image = join(work, 'handover.bin');
  execFileSync('as', ['-o', object, join(directory, 'handover.s')]);
  execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, image]);
  const lines =
    readFileSync(image)
      .toString('hex')
      .match(/.{1,96}/g) ?? [];
  const text = `/** handover.s as the GNU assembler makes it: the beginning of the file, up to the client's path. */
export const HANDOVER_IMAGE =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
  if (!process.argv.includes('--check')) writeFileSync(generated, text);
  else if (readFileSync(generated, 'utf8') !== text) {
    throw new Error('client/handover/handover.gen.ts is stale: run npm run generate');
  }
} finally {
  rmSync(work, { recursive: true });
}
