import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { readRunSettings } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { connect } from '../linux/connect.ts';
import { readCoreSysctls, writeCoreSysctls } from '../linux/core-pattern.ts';
import { socket } from '../linux/socket.ts';
import { hasErrno } from '../linux/system-call-error.ts';
import { isOurPattern } from '../protocol/core-pattern.ts';
import { kernelLog } from './kernel-log.ts';
import { RESIDENT_SOCKET } from './resident.ts';

/**
 * `usercrash-client RUNDIR --direct`: directs the machine's crashes to the coredump socket where a resident client answers and the
 * server's mode is socket, else to the pipe. Started by the resident client's unit when that client has begun and when it has
 * ended, in the machine's own mount namespace (docs/decisions/034). A core_pattern that is not ours is left alone.
 *
 * @returns The exit code.
 */
export function directCrashes(runDir: string): number {
  try {
    const { pipePattern, socketPattern } = readRunSettings(runDir);
    const now = readCoreSysctls();
    if (pipePattern === null || !isOurPattern(now.corePattern, runDir)) return 0;
    const wanted = socketPattern !== null && hasResident(runDir) ? socketPattern : pipePattern;
    if (wanted !== now.corePattern) writeCoreSysctls({ ...now, corePattern: wanted });
    return 0;
  } catch (error) {
    kernelLog('error', `core_pattern was not set: ${messageOf(error)}`);
    return 1;
  }
}

function hasResident(runDir: string): boolean {
  const fd = socket('seqpacket', { nonBlocking: true });
  try {
    connect(fd, join(runDir, RESIDENT_SOCKET));
    return true;
  } catch (error) {
    if (hasErrno(error, 'EAGAIN')) return true; // It has much to do.
    if (hasErrno(error, 'ENOENT', 'ECONNREFUSED')) return false;
    throw error;
  } finally {
    closeSync(fd);
  }
}
