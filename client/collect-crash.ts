import { messageOf } from '../errors/usercrash-error.ts';
import { type KernelArguments, parseKernelArguments } from '../protocol/kernel-arguments.ts';
import { captureFromPipe } from './capture-from-pipe.ts';
import { kernelLog } from './kernel-log.ts';
import { openStandardDescriptors } from './standard-descriptors.ts';
import { Steps } from './steps.ts';
import { useCompileCache } from './use-compile-cache.ts';

/** The core's pipe. */
const STDIN = 0;

/**
 * The client that the kernel starts for a crash, from its first instruction to its last. Before the process is let go it
 * loads nothing but what capturing needs.
 *
 * @param words What follows the program in core_pattern.
 * @returns The exit code; the kernel does not look at it.
 */
export async function collectCrash(words: readonly string[]): Promise<number> {
  const steps = new Steps();
  let kernel: KernelArguments | null = null;
  try {
    openStandardDescriptors();
    kernel = parseKernelArguments(words);
    steps.ended('started');
    const captured = captureFromPipe(STDIN, kernel, steps);
    useCompileCache(kernel.runDir);
    const { finishCrash } = await import('./finish-worker.ts');
    await finishCrash({ kernel, captured, steps: steps.data, mode: 'pipe' });
    return 0;
  } catch (error) {
    const who = `pid ${kernel?.pid}, signal ${kernel?.signal}`;
    if (kernel === null) console.error(`usercrash-client is started by the kernel: ${messageOf(error)}`);
    else kernelLog('error', `${who}: not collected: ${messageOf(error)}`);
    return kernel === null ? 2 : 1;
  }
}
