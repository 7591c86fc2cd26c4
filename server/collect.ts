import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { socketPatternFor } from '../protocol/core-pattern.ts';
import { chooseMode, type WantedMode } from './collection-mode.ts';
import { type CoreSocket, openCoreSocket } from './core-socket.ts';
import { keepResident } from './keep-resident.ts';
import { keptPattern } from './kept-pattern.ts';
import type { CorePatternWatch } from './ledger/core-pattern-watch.ts';
import {
  markedPipePattern,
  type OwnCorePattern,
  pipePattern,
  pipePatternBeside,
  takeCorePattern,
} from './own-core-pattern.ts';

/** Crashes come to us until {@link stop}, which puts core_pattern back. */
export interface Collection {
  stop(): Promise<void>;
}

/**
 * Directs the machine's crashes to us: core_pattern, the resident client, and the socket where the mode has one.
 *
 * @param options `byPipe`: from {@link pipePatternOf}. `keptPattern`: from {@link keptPatternOf}. `watch`: is told when core_pattern
 *   is ours.
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export async function collect(
  wanted: WantedMode,
  runDir: string,
  {
    byPipe,
    keptPattern,
    client,
    handover,
    watch,
    log,
  }: {
    byPipe: string;
    keptPattern: string | null;
    client: string;
    handover: string | null;
    watch: CorePatternWatch;
    log: Logger;
  },
): Promise<Collection> {
  const chosen = chooseMode(wanted, keptPattern ?? '');
  let core: CoreSocket | null = chosen.mode === 'socket' ? openCoreSocket(runDir) : null;
  let corePattern: OwnCorePattern | null = null;
  // While it cannot be started, nobody answers the kernel: each crash gets a client of its own.
  const failing = () => {
    if (core === null) return;
    log.error('socket-mode-failed', { instead: 'pipe', why: 'the resident client does not stay up' });
    corePattern?.change(byPipe);
    core.close();
    core = null;
  };
  const hasResident = core !== null || handover !== null;
  const resident = hasResident
    ? keepResident(client, runDir, { log, coredumpSocket: core?.fd ?? null, failing })
    : null;
  await resident?.ready;
  const pattern = core === null ? byPipe : socketPatternFor(runDir);
  try {
    corePattern = takeCorePattern(pattern, runDir, keptPattern);
    watch.taken(corePattern);
  } catch (error) {
    core?.close();
    await resident?.stop();
    throw error;
  }
  log.info('collecting', { corePattern: pattern, mode: core === null ? 'pipe' : 'socket', why: chosen.why });
  return {
    async stop() {
      watch.release();
      if (corePattern !== null) putBack(corePattern, log);
      await resident?.stop();
      core?.close();
    },
  };
}

/**
 * What stays in force of the core_pattern before us; null where that is not wanted, or is another collector's socket.
 *
 * @param corePattern As corePatternBefore() has it.
 */
export function keptPatternOf(corePattern: string, keepsHandler: boolean, log: Logger): string | null {
  if (keepsHandler && corePattern.startsWith('@')) {
    log.warn('default-handler-not-fed', { handler: corePattern, why: 'it is a socket' });
  }
  return keptPattern(corePattern, keepsHandler);
}

/**
 * The core_pattern of pipe mode, with what is kept of the one before. A handler's words stand in it, for the kernel to expand,
 * where there is room.
 *
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export function pipePatternOf(
  runDir: string,
  { program, keptPattern, log }: { program: string; keptPattern: string | null; log: Logger },
): string {
  if (keptPattern === null) return pipePattern(program, runDir);
  const isProgram = keptPattern.startsWith('|');
  try {
    if (isProgram) return pipePatternBeside(keptPattern, program, runDir);
  } catch (error) {
    log.info('default-handler-without-room', { handler: keptPattern, why: messageOf(error) });
  }
  try {
    return markedPipePattern(isProgram ? 'program' : 'file', program, runDir);
  } catch (error) {
    log.warn('default-handler-not-fed', { handler: keptPattern, why: messageOf(error) });
    return pipePattern(program, runDir);
  }
}

function putBack(corePattern: OwnCorePattern, log: Logger): void {
  try {
    if (corePattern.restore()) log.info('core-pattern-restored', {});
    else log.warn('core-pattern-left', { why: 'somebody changed it' });
  } catch (error) {
    log.error('core-pattern-left', { error: messageOf(error) });
  }
}
