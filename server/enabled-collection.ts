import { dirname } from 'node:path';
import type { Logger } from 'winston';
import { type Enabled, readEnabled, writeEnabled } from '../config/enabled.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { type CoreSysctls, readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { isOurPattern, socketPatternFor } from '../protocol/core-pattern.ts';
import { bootPattern } from './boot-pattern.ts';
import { keptPatternOf } from './collect.ts';
import { type ChosenMode, chooseMode } from './collection-mode.ts';
import type { OwnCorePattern } from './own-core-pattern.ts';

/** What clients are to be told where `crashlogctl enable` has directed the machine's crashes to us. */
export interface EnabledCollection {
  keptPattern: string | null;
  pipePattern: string;
  /** Null where the mode is pipe. */
  socketPattern: string | null;
  /** For whoever watches core_pattern. */
  corePattern: OwnCorePattern;
}

/**
 * How crashes come to a server that does not write core_pattern itself: the unit of the resident client does (docs/decisions/034). Only
 * what somebody else has written is taken back here, where that is wanted: by pipe, for in a unit's mount namespace the kernel takes no socket.
 *
 * @param client Absolute path of the client program; the others lie beside it.
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export function enabledCollection(
  enabled: Enabled,
  {
    stateDir,
    client,
    settings,
    log,
  }: { stateDir: string; client: string; settings: ServerSettings; log: Logger },
): EnabledCollection {
  const { runDir, before, corePipeLimit } = enabled;
  const keptPattern = keptPatternOf(before.corePattern, settings.defaultHandler, log);
  const pipePattern = bootPattern(keptPattern, dirname(client), runDir);
  const { mode, why } = modeBeside(keptPattern ?? '', settings);
  const socketPattern = mode === 'socket' ? socketPatternFor(runDir) : null;
  const wanted = socketPattern ?? pipePattern;
  log.info('collecting', { corePattern: wanted, mode, why });
  return {
    keptPattern,
    pipePattern,
    socketPattern,
    corePattern: {
      saved: before,
      get current() {
        const now = readCoreSysctls().corePattern;
        return isOurPattern(now, runDir) ? now : wanted;
      },
      corePipeLimit,
      change: () => undefined,
      takeBack() {
        const noted = readEnabled(stateDir);
        // `crashlogctl` is about to write it, or to put back what was there.
        if (noted?.state !== 'enabled') return false;
        const now = readCoreSysctls();
        writeEnabled(stateDir, { ...noted, before: othersOf(now, noted) });
        const pattern = isOurPattern(now.corePattern, runDir) ? now.corePattern : pipePattern;
        writeCoreSysctls({ corePattern: pattern, corePipeLimit });
        return true;
      },
      restore: () => false,
    },
  };
}

/** Of the two, what somebody else has written is what `disable` puts back from now on. */
function othersOf(now: CoreSysctls, { runDir, before, corePipeLimit }: Enabled): CoreSysctls {
  return {
    corePattern: isOurPattern(now.corePattern, runDir) ? before.corePattern : now.corePattern,
    corePipeLimit: now.corePipeLimit === corePipeLimit ? before.corePipeLimit : now.corePipeLimit,
  };
}

/** A handler that is a program would run in the resident client's confinement if that started it. */
function modeBeside(kept: string, { mode }: ServerSettings): ChosenMode {
  const chosen = chooseMode(mode, kept);
  if (chosen.mode === 'pipe' || !kept.startsWith('|')) return chosen;
  return { mode: 'pipe', why: 'the handler before us is a program, and the kernel is to start it' };
}
