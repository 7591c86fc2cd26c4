import { closeSync } from 'node:fs';
import { beginCapture } from '../capture/capture.ts';
import { fdSource } from '../capture/core-source.ts';
import { readCoreHead } from '../capture/read-core-head.ts';
import { messageOf } from '../errors/usercrash-error.ts';
import { setNonDumpable } from '../linux/prctl.ts';
import { type KernelArguments, parseKernelArguments } from '../protocol/kernel-arguments.ts';
import { crashEventOf } from './crash-event.ts';
import { kernelLog } from './kernel-log.ts';
import { ReportTarget } from './report-target.ts';
import { guardDescriptors } from './standard-descriptors.ts';
import { Steps } from './steps.ts';

/** The core's pipe. */
const STDIN = 0;

/**
 * The client that the kernel starts for a crash, from its first instruction to its last.
 *
 * Up to `released` a dead process is held for us: everything until there is synchronous, loads nothing that it does not
 * need, and interprets nothing that can be interpreted later.
 *
 * @param words What follows the program in core_pattern.
 * @returns The exit code; the kernel does not look at it.
 */
export async function collectCrash(words: readonly string[]): Promise<number> {
  const steps = new Steps();
  let kernel: KernelArguments | null = null;
  try {
    kernel = parseKernelArguments(words);
    guardDescriptors(kernel.pidfd);
    setNonDumpable();
    steps.ended('started');
    const head = readCoreHead(fdSource(STDIN));
    steps.ended('notes read');
    const capture = beginCapture({ pid: kernel.pid, tid: kernel.tid, head });
    const event = crashEventOf(kernel, head, capture.quickKey);
    const target = ReportTarget.open(kernel.runDir, event);
    steps.ended('report granted');
    const captured = capture.finish(target.coreBudgetBytes);
    steps.ended('captured');
    release(kernel.pidfd);
    steps.ended('released');

    const { finishCrash } = await import('./finish-report.ts');
    await finishCrash({ kernel, event, captured, target, steps });
    return 0;
  } catch (error) {
    kernelLog(
      'error',
      `pid ${kernel?.pid ?? '?'}, signal ${kernel?.signal ?? '?'}: not collected: ${messageOf(error)}`,
    );
    return 1;
  }
}

/** Lets go of the process: the kernel gets EPIPE, stops dumping, and waits for nothing more. */
function release(pidfd: number | null): void {
  closeSync(STDIN);
  if (pidfd !== null) closeSync(pidfd);
}
