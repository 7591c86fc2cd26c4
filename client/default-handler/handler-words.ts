import { parseLimits } from '../../capture/proc/parse-limits.ts';
import { readProcFile } from '../../capture/read-proc-file.ts';
import { readRunSettings } from '../../config/run-settings.ts';
import {
  type KernelArguments,
  kernelArgumentWords,
  MIN_CORE_LIMIT_BYTES,
} from '../../protocol/kernel-arguments.ts';

/** RLIM_INFINITY, as %c has it. */
const UNLIMITED = 0xffff_ffff_ffff_ffffn;
/** Says that a process is not to be dumped into a program: fs/coredump.c, coredump_pipe(). */
const NO_PIPE_LIMIT = 1n;

/** All that the kernel writes there is a kilobyte. */
const MAX_LIMITS_BYTES = 16 * 1024;

/**
 * The words that start the default handler of a crash that came by socket; null where none is wanted or it would write nothing, which is
 * so of most processes: RLIMIT_CORE is 0.
 *
 * @param limits /proc/PID/limits; null where it was not read, as of a repeated crash.
 */
export function handlerWords(kernel: KernelArguments, limits: Buffer | null): string[] | null {
  const { defaultPattern } = readRunSettings(kernel.runDir);
  if (defaultPattern === null) return null;
  const soft = parseLimits(limits ?? readLimits(kernel)).find(
    ({ name }) => name === 'Max core file size',
  )?.soft;
  // Not told: whoever the process turns out to be decides.
  const limit = soft === undefined || soft === 'unlimited' ? UNLIMITED : BigInt(soft);
  const isUseless = defaultPattern.startsWith('|') ? limit === NO_PIPE_LIMIT : limit < MIN_CORE_LIMIT_BYTES;
  return isUseless ? null : kernelArgumentWords({ ...kernel, pidfd: 3 }, limit);
}

function readLimits({ pid, tid }: KernelArguments): Buffer {
  try {
    return readProcFile(`/proc/${pid}/task/${tid}/limits`, MAX_LIMITS_BYTES).bytes;
  } catch {
    return Buffer.alloc(0); // Gone: there is nothing left to hand on, which is found out then.
  }
}
