import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CoreSysctls, isCoreSysctls, readCoreSysctls } from '../linux/core-pattern.ts';
import { isOurPattern, runDirOf } from '../protocol/core-pattern.ts';

/** Where the old values wait: in the run directory, which is gone after a reboot as the sysctls themselves are. */
const FILE = 'saved-core-pattern.json';
/** Collectors that were started one over the other. */
const MAX_OTHERS = 16;

/** The file of a run directory. */
export function savedFile(runDir: string): string {
  return join(runDir, FILE);
}

/** The values to put back: those in force, unless they are our own, left by a server that was killed. */
export function savedValues(runDir: string): CoreSysctls {
  const now = readCoreSysctls();
  // A collector with another run directory is somebody else.
  if (!isOurPattern(now.corePattern, runDir)) return now;
  const saved = readSaved(runDir);
  if (saved !== null && !isOurPattern(saved.corePattern, runDir)) return saved;
  // The kernel's own default: what there was before us is not known.
  return { corePattern: 'core', corePipeLimit: 0 };
}

/** Keeps values for later. */
export function save(values: CoreSysctls, runDir: string): void {
  writeFileSync(savedFile(runDir), JSON.stringify(values), { mode: 0o600 });
}

/** What was saved; null where there is nothing, or nothing whole. */
export function readSaved(runDir: string): CoreSysctls | null {
  const file = savedFile(runDir);
  if (!existsSync(file)) return null;
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isCoreSysctls(read) ? read : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // A full disk or a power cut has torn it.
    throw error;
  }
}

/**
 * A collector that ends while another has been started over it: whoever would put its pattern back puts back what was there
 * before both. Otherwise core_pattern would name a socket on which nobody listens.
 */
export function handOnSaved(values: CoreSysctls, runDir: string): void {
  let other = runDirOf(readCoreSysctls().corePattern);
  for (let count = 0; other !== null && other !== runDir && count < MAX_OTHERS; count += 1) {
    const theirs = readSaved(other);
    if (theirs !== null && isOurPattern(theirs.corePattern, runDir)) {
      save(values, other);
      return;
    }
    other = theirs === null ? null : runDirOf(theirs.corePattern);
  }
}
