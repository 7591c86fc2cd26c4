import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/** The inputs that are kept, a folder for each target; see collect-corpus.ts for where they are from. */
const CORPUS = join(import.meta.dirname, 'corpus');

/**
 * The inputs of one target, in the order of their names.
 *
 * @param name A folder in corpus/. Files whose names end in `.zst` are packed.
 */
export function readCorpus(name: string): Buffer[] {
  return readdirSync(join(CORPUS, name))
    .sort()
    .map((file) => {
      const bytes = readFileSync(join(CORPUS, name, file));
      return file.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes;
    });
}
