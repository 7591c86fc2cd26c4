import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes the bytes of the programs that are written in assembler, by the GNU assembler, which no user and no build needs then.
 * `--check` writes nothing and fails where a committed file is stale.
 */
const PROGRAMS = [
  {
    source: 'client/handover/handover.s',
    name: 'HANDOVER_IMAGE',
    says: "handover.s as the GNU assembler makes it: the beginning of the file, up to the client's path.",
  },
  {
    source: 'analysis/cage/cage.s',
    name: 'CAGE_IMAGE',
    says: 'cage.s as the GNU assembler makes it: the whole program.',
  },
];

const root = join(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'usercrash-assembled-'));
try {
  for (const { source, name, says } of PROGRAMS) {
    const object = join(work, 'program.o');
    const image = join(work, 'program.bin');
    execFileSync('as', ['-o', object, join(root, source)]);
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, image]);
    const lines =
      readFileSync(image)
        .toString('hex')
        .match(/.{1,96}/g) ?? [];
    const text = `/** ${says} */
export const ${name} =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
    const generated = join(root, source.replace(/\.s$/, '.gen.ts'));
    if (!process.argv.includes('--check')) writeFileSync(generated, text);
    else if (readFileSync(generated, 'utf8') !== text) {
      throw new Error(`${source.replace(/\.s$/, '.gen.ts')} is stale: run npm run generate`);
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
