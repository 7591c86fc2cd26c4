import { fstatSync, statSync } from 'node:fs';
import { messageOf } from '../errors/usercrash-error.ts';
import { type KernelWords, parseKernelArguments } from '../protocol/kernel-arguments.ts';
import { captureFromPipe } from './capture-from-pipe.ts';
import { kernelLog } from './kernel-log.ts';
import { openStandardDescriptors } from './standard-descriptors.ts';
import { Steps } from './steps.ts';
import { useCompileCache } from './use-compile-cache.ts';

/** The core's pipe. */
const STDIN = 0;
const STDERR = 2;

/**
 * The client that the kernel starts for a crash, from its first instruction to its last. Before the process is let go it
 * loads nothing but what capturing needs.
 *
 * @param words What follows the program in core_pattern.
 * @param whenToEnd Calls what it is given when this process is told to end, as systemd-shutdown tells all, and then waits: the crash is
 *   stored before.
 * @returns The exit code; the kernel does not look at it.
 */
export async function collectCrash(
  words: readonly string[],
  whenToEnd: (end: () => void) => void,
): Promise<number> {
  const steps = new Steps();
  const toEnd = new Promise<void>(whenToEnd);
  let told: KernelWords | null = null;
  try {
    openStandardDescriptors();
    told = parseKernelArguments(words);
    steps.ended('started');
    const crash = captureFromPipe(STDIN, told, {
      steps,
      ...(await forDefaultHandler(told, words)),
    });
    useCompileCache(told.runDir);
    const { finishCrash, confineClient, workUnprivileged } = await import('./finish-worker.ts');
    // Not before: it takes the system calls of a library, and waits for each of this process's threads (docs/decisions/031).
    workUnprivileged('all');
    confineClient();
    const stored = Promise.withResolvers<void>();
    const finished = finishCrash(
      { ...crash, steps: steps.data, mode: 'pipe' },
      { stored: stored.resolve, analyser: null },
    );
    await Promise.race([finished, Promise.all([toEnd, stored.promise])]);
    return 0;
  } catch (error) {
    const who = `pid ${told?.pid}, signal ${told?.signal}`;
    if (told === null) {
      if (hasReader()) console.error(`usercrash-client is started by the kernel: ${messageOf(error)}`);
      else kernelLog('error', `a crash was not collected: ${messageOf(error)}`);
    } else kernelLog('error', `${who}: not collected: ${messageOf(error)}`);
    return told === null ? 2 : 1;
  }
}

/** Whether somebody has started us by hand: the kernel gives a helper no place to say anything, and Node opens /dev/null. */
function hasReader(): boolean {
  return fstatSync(STDERR).rdev !== statSync('/dev/null').rdev;
}

/** With a default handler the core stays in the pipe, for it. Loaded only then: it needs system calls. */
async function forDefaultHandler({ defaultHandler: handler, pidfd }: KernelWords, words: readonly string[]) {
  if (handler === null) return {};
  const [{ peekHead }, { startDefaultHandler }] = await Promise.all([
    import('./peek-head.ts'),
    import('./default-handler/start-default-handler.ts'),
  ]);
  return {
    readHead: peekHead,
    handOn: (pipe: number) => startDefaultHandler(handler, words, { pipe, pidfd }),
  };
}
