import { constants, openSync } from 'node:fs';
import type { ModuleRoot } from '../analysis/reopen-modules.ts';
import { printable } from '../report/printable-text.ts';
import type { Record as CrashRecord } from '../report/record.ts';

/**
 * Where gdb's files of a crash are looked for, if not on this machine.
 *
 * @param sysroot Directory with the file tree that the process saw, as somebody named it; null for none.
 * @param options `reader`: whoever gets the files. `say`: gets what is missing of a container, and what to do about it.
 * @returns Its `fd` is the caller's to close; null for this machine's files.
 * @throws Node's error where the directory cannot be opened.
 */
export function moduleRoot(
  { process: { container, containerEngine } }: CrashRecord,
  sysroot: string | null,
  { reader, say }: { reader: ModuleRoot['reader']; say: (text: string) => void },
): ModuleRoot | null {
  if (sysroot !== null) {
    const fd = openSync(sysroot, constants.O_RDONLY | constants.O_DIRECTORY);
    return { fd, reader };
  }
  if (container !== null) {
    const name = printable(`${containerEngine ?? 'container'} ${container}`);
    say(
      `It crashed in ${name}: files that only that had have no symbols here. With a copy of them in DIR: --sysroot DIR`,
    );
  }
  return null;
}
