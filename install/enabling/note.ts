import { type Enabled, readEnabled } from '../../config/enabled.ts';
import { UsercrashError } from '../../errors/usercrash-error.ts';
import { type CoreSysctls, readCoreSysctls } from '../../linux/core-pattern.ts';
import { isOurPattern, runDirOf } from '../../protocol/core-pattern.ts';
import { keptPattern } from '../../server/kept-pattern.ts';
import { pipeLimit } from '../../server/pipe-limit.ts';
import { readSaved } from '../../server/saved-core-pattern.ts';

/** The kernel's own, for an image, or where nothing better is known. */
const DEFAULTS: CoreSysctls = { corePattern: 'core', corePipeLimit: 0 };

/**
 * What `disable` is to put back: what is in force now, never what is ours. Where it is ours, what was noted first holds.
 *
 * @param sysctls Directory of core_pattern; null where no kernel runs.
 * @param keepsHandler The setting `default-handler`.
 * @throws {UsercrashError} E_ALREADY_RUNNING where core_pattern names a collector with another run directory.
 */
export function noteOf(
  { stateDir, runDir }: { stateDir: string; runDir: string },
  sysctls: string | null,
  keepsHandler: boolean,
): Enabled {
  const previous = readEnabled(stateDir);
  const now = sysctls === null ? (previous?.before ?? DEFAULTS) : readCoreSysctls(sysctls);
  const other = runDirOf(now.corePattern);
  if (other !== null && other !== runDir) {
    throw new UsercrashError('E_ALREADY_RUNNING', `core_pattern names the usercrash of ${other}`, {
      fix: 'Stop that server first; where it was killed: sysctl kernel.core_pattern=core',
    });
  }
  const before = isOurPattern(now.corePattern, runDir)
    ? (previous?.before ?? savedBefore(runDir))
    : { ...now, corePipeLimit: limitBefore(now, previous) };
  const limit = pipeLimit(keptPattern(before.corePattern, keepsHandler));
  const corePipeLimit = Math.max(before.corePipeLimit, limit);
  return { state: 'enabling', runDir, before, corePipeLimit, made: previous?.made ?? [] };
}

/** A server by `--own-core-pattern` that was killed. */
function savedBefore(runDir: string): CoreSysctls {
  const saved = readSaved(runDir);
  return saved === null || isOurPattern(saved.corePattern, runDir) ? DEFAULTS : saved;
}

/** Both sysctls are not written in one: somebody may have been killed in between. */
function limitBefore({ corePipeLimit }: CoreSysctls, previous: Enabled | null): number {
  return previous !== null && corePipeLimit === previous.corePipeLimit
    ? previous.before.corePipeLimit
    : corePipeLimit;
}
