import { readFileBuildId } from '../../capture/build-id.ts';
import type { LoadedModule } from '../../capture/captured.ts';
import { messageOf } from '../../errors/usercrash-error.ts';
import { textOfBytes } from '../../report/bytes-text.ts';

/** The files that gdb gets. */
export interface ChosenFiles {
  executable: number | null;
  libraries: { name: Buffer; fd: number }[];
  /** Why others are not among them, in words for the report. */
  notes: string[];
}

/** Libraries given to gdb; LibreOffice loads 250, and each is a descriptor of gdb's. */
const MAX_LIBRARIES = 1000;

/**
 * Picks the modules whose file is known to be what was mapped. One whose build-id differs from the one in memory
 * would give wrong names and lines silently, so it is left out and the notes say so.
 */
export function chooseFiles(modules: readonly LoadedModule[]): ChosenFiles {
  const chosen: ChosenFiles = { executable: null, libraries: [], notes: [] };
  for (const module of modules) {
    if (module.fd === null) continue;
    const name = textOfBytes(module.path ?? module.name);
    const difference = differenceOf(module.fd, module.buildId);
    if (difference !== null) {
      chosen.notes.push(`${name}: ${difference}, so its symbols were not used`);
    } else if (module.isExecutable) {
      chosen.executable ??= module.fd;
    } else if (chosen.libraries.length < MAX_LIBRARIES) {
      chosen.libraries.push({ name: module.name, fd: module.fd });
    } else {
      chosen.notes.push(`${name} and what follows: more than ${MAX_LIBRARIES} libraries`);
      break;
    }
  }
  return chosen;
}

/** Null where the file is what was in memory, as far as anybody can tell. */
function differenceOf(fd: number, expected: string | null): string | null {
  if (expected === null) return null;
  try {
    const found = readFileBuildId(fd);
    if (found === expected) return null;
    return `the file's build-id is ${found ?? 'missing'}, in memory it was ${expected}`;
  } catch (error) {
    return `the file could not be read (${messageOf(error)})`;
  }
}
