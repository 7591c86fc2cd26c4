import { textOfBytes } from '../report/bytes-text.ts';
import type { SourceFiles } from './gdb/source-files.ts';
import { OS_RELEASE, prettyName } from './machine.ts';

/** More is no name. */
const MAX_CHARACTERS = 200;
const MAX_BYTES = 64 * 1024;

/**
 * The distribution in a container: PRETTY_NAME of its own os-release, read as its source files are.
 *
 * @returns In the escape of bytes-text.ts; null where it has none.
 */
export async function readOwnSystem(files: SourceFiles): Promise<string | null> {
  for (const path of OS_RELEASE) {
    const bytes = await files.read(Buffer.from(path));
    const name = bytes === null ? null : prettyName(bytes.toString('latin1', 0, MAX_BYTES));
    if (name !== null) return textOfBytes(Buffer.from(name.slice(0, MAX_CHARACTERS), 'latin1'));
  }
  return null;
}
