import { UsercrashError } from '../../errors/usercrash-error.ts';

/** A process that cannot be looked at while it lives; the code says why. */
export class TargetError extends UsercrashError {}

/** It was there, and has ended before anything could be read. */
export function targetGone(pid: number): TargetError {
  return new TargetError('E_TARGET_GONE', `Process ${pid} does not exist, or has just ended`, {
    fix: 'pgrep -a NAME',
  });
}

/** It is no program of 64 bits. */
export function targetOfOtherMachine(pid: number): TargetError {
  return new TargetError(
    'E_TARGET_MACHINE',
    `Process ${pid} is a 32-bit program: only 64-bit ones can be read while they live`,
    { fix: `gcore ${pid} && debugger --core core.${pid}` },
  );
}
