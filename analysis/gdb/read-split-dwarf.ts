import { join } from 'node:path';
import type { LoadedModule } from '../../capture/captured.ts';
import { compilationDirectories } from './compilation-directories.ts';
import type { SourceFiles } from './source-files.ts';

/** A file of split debug information, by the name that its skeleton has for it. */
export interface SplitDwarf {
  name: Buffer;
  bytes: Buffer;
}

/** Directories tried for each file, and files: of those that a report's frames need. */
const MAX_DIRECTORIES = 4;
const MAX_FILES = 12;

/**
 * Reads the files that -gsplit-dwarf leaves beside a program's objects (`main.dwo`), by the rights of the dead process's user: gdb
 * sees none itself. Names are absolute, or relative to the directory of compilation.
 *
 * @param names As gdb misses them.
 */
export async function readSplitDwarf(
  names: readonly string[],
  modules: readonly LoadedModule[],
  sourceFiles: SourceFiles,
): Promise<SplitDwarf[]> {
  const directories = new Set<string>();
  for (const { fd, mayBlock } of modules) {
    if (fd === null || mayBlock) continue;
    for (const directory of directoriesOf(fd)) directories.add(directory);
  }
  const files: SplitDwarf[] = [];
  for (const name of names.slice(0, MAX_FILES)) {
    const places = [...directories].slice(0, MAX_DIRECTORIES).map((directory) => join(directory, name));
    for (const path of name.startsWith('/') ? [name] : places) {
      const bytes = await sourceFiles.read(Buffer.from(path, 'latin1'));
      if (bytes === null || bytes.length === 0) continue;
      files.push({ name: Buffer.from(name, 'latin1'), bytes });
      break;
    }
  }
  return files;
}

function directoriesOf(fd: number): string[] {
  try {
    return compilationDirectories(fd, MAX_DIRECTORIES);
  } catch {
    return []; // An error of the disk: gdb says so of the same file.
  }
}
