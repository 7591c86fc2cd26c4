import { closeSync } from 'node:fs';
import { captureCrash } from '../capture/capture.ts';
import { fdSource } from '../capture/core-source.ts';
import { readCoreHead } from '../capture/read-core-head.ts';
import { readRunSettings } from '../config/run-settings.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { type KernelArguments, parseKernelArguments } from '../protocol/kernel-arguments.ts';
import { kernelLog } from './kernel-log.ts';
import { openStandardDescriptors } from './standard-descriptors.ts';
import { Steps } from './steps.ts';

/** The core's pipe. */
const STDIN = 0;

/**
 * The client that the kernel starts for a crash, from its first instruction to its last.
 *
 * Up to `released` a dead process is held for us. Everything until there is synchronous, loads nothing but what capturing
 * needs, asks nobody (docs/decisions/003), and interprets nothing that can be interpreted later.
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
    const head = readCoreHead(fdSource(STDIN));
    steps.ended('notes read');
    const { coreBudgetBytes } = readRunSettings(kernel.runDir);
    const captured = captureCrash({ pid: kernel.pid, tid: kernel.tid, head, budgetBytes: coreBudgetBytes });
    steps.ended('captured');
    release(kernel.pidfd);
    steps.ended('released');

    const { finishCrash } = await import('./finish-report.ts');
    await finishCrash({ kernel, captured, steps });
    return 0;
  } catch (error) {
    const who = `pid ${kernel?.pid ?? '?'}, signal ${kernel?.signal ?? '?'}`;
    kernelLog('error', `${who}: not collected: ${messageOf(error)}`);
    return 1;
  }
}

/**
 * Lets go of the process: the kernel gets EPIPE, stops dumping, and waits for nothing more. No child has been started
 * that could have a copy of the pipe or of the pidfd, and none will ever have one.
 */
function release(pidfd: number | null): void {
  closeSync(STDIN);
  if (pidfd !== null) closeSync(pidfd);
}
