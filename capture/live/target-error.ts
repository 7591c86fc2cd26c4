import { UsercrashError } from '../../errors/usercrash-error.ts';

/** A process that cannot be looked at while it lives; the code says why. */
export class TargetError extends UsercrashError {}

/** It was there, and has ended before anything could be read. */
export function targetGone(pid: number): TargetError {
  return new TargetError('E_TARGET_GONE', `Process ${pid} does not exist, or has just ended`, {
    fix: 'pgrep -a NAME',
  });
}

/** Its registers are those of a processor that nobody has described here. */
export function targetOfOtherKind(pid: number, registerBytes: number): TargetError {
  return new TargetError(
    'E_TARGET_MACHINE',
    `Process ${pid} is of a kind that is not known here: its threads have ${registerBytes} bytes of registers`,
    { fix: `gdb -p ${pid}` },
  );
}
