import { parseLimits } from '../capture/proc/parse-limits.ts';

/**
 * Whether a process bears the kernel's guard against handlers whose own crash starts the next one: RLIMIT_CORE 1, which the kernel
 * gives its helpers, and the server itself, its clients and gdb. It does not dump those into a pipe (fs/coredump.c), but connects
 * for them to a socket: there it is for us to end the loop.
 *
 * @param limits /proc/PID/limits; null where it could not be read.
 * @returns What takes its crash out, for the history; null where nothing does.
 */
export function loopGuard(limits: Buffer | null): string | null {
  const core =
    limits === null ? undefined : parseLimits(limits).find(({ name }) => name === 'Max core file size');
  return core?.soft === '1' ? 'RLIMIT_CORE, which is 1' : null;
}
