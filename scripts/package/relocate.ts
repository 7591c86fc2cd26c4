import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { handoverProgram } from '../../client/handover/handover-program.ts';

/**
 * Part of the .tar.gz, for its install.sh: the programs name their Node, and the handover its client, by the path at which they lie.
 *
 *   node relocate.cjs FROM PROGRAMS DIRECTORY
 *
 * FROM is where they were built to lie, PROGRAMS where they will, DIRECTORY where they are now.
 */
const [from = '', programs = '', directory = ''] = process.argv.slice(2);
for (const entry of readdirSync(directory, { withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(directory, entry.name);
  if (entry.name === 'usercrash-handover') {
    writeFileSync(path, handoverProgram(join(programs, 'usercrash-client')));
    continue;
  }
  const bytes = readFileSync(path);
  const built = `#!${from}/node`;
  if (bytes.subarray(0, built.length).toString('latin1') !== built) continue;
  writeFileSync(path, Buffer.concat([Buffer.from(`#!${programs}/node`), bytes.subarray(built.length)]));
}
