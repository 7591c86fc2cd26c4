import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsercrashError } from '../errors/usercrash-error.ts';
import { corePatternBeside, corePatternFor, markedCorePattern } from '../protocol/core-pattern.ts';

/** The handover program; `h` is a link to it that the build makes, because a handler's words are to fit beside it. */
const PROGRAMS = ['usercrash-handover', 'h'];
/** Where there is no handover program for this machine. */
const CLIENT = 'usercrash-client';

/**
 * The core_pattern of pipe mode that holds from the first moment of a boot on, when there is no run directory yet.
 *
 * @param kept What core_pattern held before and stays in force; null for nothing.
 * @param programs Absolute path of the directory of the built programs.
 * @throws {UsercrashError} E_CORE_PATTERN where the paths are too long for it.
 */
export function bootPattern(kept: string | null, programs: string, runDir: string): string {
  const names = existsSync(join(programs, 'usercrash-handover')) ? PROGRAMS : [CLIENT];
  const paths = names.map((name) => join(programs, name));
  const kinds = kindsFor(kept, runDir);
  let last: unknown;
  for (const kind of kinds) {
    for (const path of paths) {
      try {
        return kind(path);
      } catch (error) {
        if (!(error instanceof UsercrashError)) throw error;
        last = error;
      }
    }
  }
  throw last;
}

/** The best first: the kernel expands a handler's words where they have room. */
function kindsFor(kept: string | null, runDir: string): ((program: string) => string)[] {
  if (kept === null) return [(program) => corePatternFor(program, runDir)];
  if (!kept.startsWith('|')) return [(program) => markedCorePattern('file', program, runDir)];
  return [
    (program) => corePatternBeside(kept, program, runDir),
    (program) => markedCorePattern('program', program, runDir),
  ];
}
