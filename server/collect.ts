import type { Logger } from 'winston';
import { messageOf } from '../errors/usercrash-error.ts';
import { socketPatternFor } from '../protocol/kernel-arguments.ts';
import { chooseMode, type WantedMode } from './collection-mode.ts';
import { type CoreSocket, openCoreSocket } from './core-socket.ts';
import { keepResident } from './keep-resident.ts';
import { corePatternBefore, type OwnCorePattern, pipePattern, takeCorePattern } from './own-core-pattern.ts';

/** Crashes come to us until {@link stop}, which puts core_pattern back. */
export interface Collection {
  stop(): Promise<void>;
}

/**
 * Directs the machine's crashes to us: core_pattern, the resident client, and the socket where the mode has one.
 *
 * @throws {UsercrashError} E_CORE_PATTERN.
 */
export async function collect(
  wanted: WantedMode,
  runDir: string,
  { client, handover, log }: { client: string; handover: string | null; log: Logger },
): Promise<Collection> {
  const byPipe = pipePattern(handover ?? client, runDir);
  const chosen = chooseMode(wanted, corePatternBefore(runDir).corePattern);
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
  } catch (error) {
    core?.close();
    await resident?.stop();
    throw error;
  }
  log.info('collecting', { corePattern: pattern, mode: core === null ? 'pipe' : 'socket', why: chosen.why });
  return {
    async stop() {
      if (corePattern !== null) putBack(corePattern, log);
      await resident?.stop();
      core?.close();
    },
  };
}

function putBack(corePattern: OwnCorePattern, log: Logger): void {
  try {
    if (corePattern.restore()) log.info('core-pattern-restored', {});
    else log.warn('core-pattern-left', { why: 'somebody changed it' });
  } catch (error) {
    log.error('core-pattern-left', { error: messageOf(error) });
  }
}
