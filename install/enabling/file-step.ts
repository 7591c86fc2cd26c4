import { existsSync, readFileSync } from 'node:fs';
import { readEnabled, writeEnabled } from '../../config/enabled.ts';
import { removeFile, replaceFile } from '../../config/replace-file.ts';
import type { Machine } from './machine.ts';
import type { Step } from './step.ts';

interface FileOptions {
  machine: Machine;
  stateDir: string;
  /** Where a package may have it. */
  packaged: readonly string[];
  /** Called when it has been written. */
  changed: () => void;
}

/**
 * The step that writes a file of ours, unless a package has the same, and notes before that it is one to remove.
 *
 * @param path Absolute, where it lies now: an image's is another when it runs.
 */
export function fileStep(
  path: string,
  text: () => string,
  { machine, stateDir, packaged, changed }: FileOptions,
): Step {
  const isOurs = () => readEnabled(stateDir)?.made.includes(machine.nameOf(path)) === true;
  const inForce = () => readIfThere([path, ...packaged].find(existsSync) ?? path);
  let previous: string | null = null;
  return {
    name: `write ${path}`,
    isDone: () => inForce() === text(),
    do() {
      machine.assertInside(path);
      previous = isOurs() ? readIfThere(path) : null;
      const enabled = readEnabled(stateDir);
      if (!isOurs() && existsSync(path)) {
        throw new Error(`${path} is there already, and was not made by crashlogctl: move it away`);
      }
      if (enabled !== null) {
        const made = new Set([...enabled.made, machine.nameOf(path)]);
        writeEnabled(stateDir, { ...enabled, state: 'enabling', made: [...made] });
      }
      changed();
      replaceFile(path, text());
    },
    isUndone: () => !isOurs(),
    undo() {
      if (!isOurs()) return;
      machine.assertInside(path);
      if (previous === null) removeFile(path);
      else replaceFile(path, previous);
      changed();
    },
  };
}

function readIfThere(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
