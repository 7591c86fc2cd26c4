import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { socketPatternFor } from '../protocol/core-pattern.ts';
import { chooseMode, type WantedMode } from './collection-mode.ts';
import { type CoreSocket, openCoreSocket } from './core-socket.ts';
import { keepResident } from './keep-resident.ts';
import type { CorePatternWatch } from './ledger/core-pattern-watch.ts';
import {
  corePatternBefore,
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
 * @param options `byPipe`: from {@link pipePatternOf}. `watch`: is told when core_pattern is ours.
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export async function collect(
  wanted: WantedMode,
  runDir: string,
  {
    byPipe,
    client,
    handover,
    watch,
    log,
  }: { byPipe: string; client: string; handover: string | null; watch: CorePatternWatch; log: Logger },
): Promise<Collection> {
  const before = corePatternBefore(runDir).corePattern;
  const chosen = chooseMode(wanted, before);
  if (chosen.mode === 'socket' && before.startsWith('|')) {
    log.warn('default-handler-not-fed', { handler: before, why: 'the socket was asked for' });
  }
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
    corePattern = takeCorePattern(pattern, runDir);
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
 * The core_pattern of pipe mode: with the handler that was there before us, unless that is not wanted or does not fit.
 *
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export function pipePatternOf(
  runDir: string,
  { program, keepsHandler, log }: { program: string; keepsHandler: boolean; log: Logger },
): string {
  const { corePattern } = corePatternBefore(runDir);
  if (!corePattern.startsWith('|') || !keepsHandler) return pipePattern(program, runDir);
  try {
    return pipePatternBeside(corePattern, program, runDir);
  } catch (error) {
    log.warn('default-handler-not-fed', { handler: corePattern, why: messageOf(error) });
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
